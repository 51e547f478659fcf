/**
 * Sound beside pictures over a slow link, in three ways: behind whole pictures, over a connection of
 * its own, and between the parts of pictures. It needs root, for network namespaces:
 *
 *     ./denow run -A bench/sound_link.ts
 *
 * docs/sound.md has its table.
 *
 * @module
 */

import { now } from "../lib/base/clock.ts";
import { Frame } from "../lib/jpeg/frame.ts";
import { encodeSound, MessageReader } from "../lib/protocol/codec.ts";
import { undelayed } from "../lib/protocol/connection.ts";
import { receiveFrom } from "../lib/receive/receive.ts";
import { Hub } from "../lib/send/hub.ts";
import { Interleaver } from "../lib/send/interleaver.ts";
import { SoundPacket } from "../lib/sound/sound_packet.ts";
import { jpeg } from "../tests/support/jpegs.ts";
import { quantile } from "./figures.ts";
import { Link, linkLack } from "./link.ts";

type Way = "whole" | "own" | "parts";
const WAYS: Record<Way, string> = {
  whole: "sound waits for whole pictures",
  own: "sound has its own connection",
  parts: "sound between parts",
};
/** Kilobytes of a picture, and pictures a second that are offered. */
const LOADS: [kilobytes: number, fps: number][] = [[300, 30], [9, 15]];
const MEGABITS = 1;
const SETTLE_MS = 5000;
const MEASURE_MS = 15_000;
/** A packet of 10 ms, as long as one of speech. */
const OPUS = new Uint8Array(60).fill(0xf0);

/** What the other end prints. */
interface Heard {
  ages: number[];
  gaps: number[];
  frames: number;
}

/** Sends pictures and sound over a link. @returns what arrived */
async function send(way: Way, kilobytes: number, fps: number): Promise<Heard> {
  using link = new Link(MEGABITS);
  const divides = Interleaver.prototype.divides;
  if (way !== "parts") Interleaver.prototype.divides = () => false;
  const hub = new Hub({ name: "bench" });
  hub.sound.announce(1);
  using listener = Deno.listen({ hostname: link.here, port: 0 });
  const [program, ...args] = [...link.through, Deno.execPath(), "run", "-A", "--no-check"];
  const { port } = listener.addr;
  const listening = new Deno.Command(program, {
    args: [...args, import.meta.url, "listen", link.here, `${port}`, way],
    stderr: "inherit",
  }).output();
  const serving = hub.serve(undelayed(await listener.accept()), "viewer");
  const own = way === "own" ? undelayed(await listener.accept()) : undefined;
  const picture = jpeg(new Uint8Array(kilobytes * 1024).fill(0x55));
  let [seq, soundAt, pictureAt] = [0, performance.now(), performance.now()];
  const timer = setInterval(() => {
    for (; performance.now() >= soundAt; soundAt += 10) {
      const packet = new SoundPacket({ seq: seq++, time: now(), data: OPUS });
      if (own === undefined) hub.sound.publish(packet);
      else own.write(encodeSound(packet)).catch(() => {}); // few enough for the kernel
    }
    for (; performance.now() >= pictureAt; pictureAt += 1000 / fps) {
      hub.publish(Frame.from(picture, { time: now() }));
    }
  }, 2);
  const { stdout } = await listening;
  clearInterval(timer);
  Interleaver.prototype.divides = divides;
  own?.close();
  await serving;
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The other end. */
async function listen(hostname: string, port: number, way: Way): Promise<Heard> {
  const stop = AbortSignal.timeout(SETTLE_MS + MEASURE_MS);
  const from = now() + SETTLE_MS;
  const heard: Heard = { ages: [], gaps: [], frames: 0 };
  let last: number | undefined;
  const hear = (packet: SoundPacket) => {
    const time = now();
    if (time < from) return;
    heard.ages.push(time - packet.time);
    if (last !== undefined) heard.gaps.push(time - last);
    last = time;
  };
  const connect = async () => undelayed(await Deno.connect({ hostname, port }));
  const frames = receiveFrom(await connect(), {
    signal: stop,
    onSound: way === "own" ? undefined : ({ packet }) => hear(packet),
  });
  if (way === "own") listenApart(await connect(), hear);
  for await (const _ of frames) if (now() >= from) heard.frames++;
  return heard;
}

async function listenApart(connection: Deno.TcpConn, hear: (packet: SoundPacket) => void) {
  const reader = new MessageReader({ maxFrameBytes: 1, sound: true });
  for (let count; (count = await connection.read(reader.space())) !== null;) {
    for (const message of reader.commit(count)) if (message instanceof SoundPacket) hear(message);
  }
}

if (Deno.args[0] === "listen") {
  const [, hostname, port, way] = Deno.args;
  console.log(JSON.stringify(await listen(hostname, Number(port), way as Way)));
  Deno.exit(0);
}
const lack = linkLack();
if (lack !== undefined) throw new Error(`Cannot measure: ${lack}`);
console.log(
  "| pictures, and how sound goes with them | age, median | p99 | longest gap | pictures |",
);
for (const [kilobytes, fps] of LOADS) {
  for (const way of Object.keys(WAYS) as Way[]) {
    const { ages, gaps, frames } = await send(way, kilobytes, fps);
    const [p50, p99] = [0.5, 0.99].map((q) => `${quantile(ages, q).toFixed(0)} ms`);
    const gap = `${Math.max(...gaps).toFixed(0)} ms`;
    console.log(`| ${kilobytes} KB, ${WAYS[way]} | ${p50} | ${p99} | ${gap} | ${frames} |`);
  }
}
