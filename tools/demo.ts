/**
 * `./denow task demo`: the whole of camcat on this machine, without a camera.
 *
 * A sender with the built-in picture, and a receiver that shows it in a window.
 * Where there is no display: ten seconds of receiving, figures, and a snapshot.
 *
 * @module
 */

import { parseAddress } from "../lib/protocol/address.ts";
import { now } from "../lib/base/clock.ts";
import { CamcatError } from "../lib/base/errors.ts";
import { sizeOf } from "../lib/jpeg/markers.ts";
import { Key } from "../lib/security/key.ts";
import { formatMs } from "../lib/base/quantity.ts";
import { receive } from "../lib/receive/receive.ts";
import { abortOnSignals, runProgram } from "../lib/program/run_program.ts";
import { Quantiles } from "../lib/base/stats.ts";

const SECONDS = 10;
const SNAPSHOT = "camcat-demo.jpg";

async function main(): Promise<number> {
  const signal = abortOnSignals();
  // Not the user's own: the demonstration leaves nothing behind but a picture.
  const key = Key.random();
  const env = { CAMCAT_KEY: key.text };
  // Ctrl-C may end it sooner than this program: disposing of it takes that.
  await using sender = run("sender", ["test", "--listen=127.0.0.1:0", "--json"], {
    stdout: "piped",
    env,
  });
  const address = await addressOf(sender);
  const hasDisplay = Deno.build.os !== "linux" || Deno.env.get("DISPLAY") ||
    Deno.env.get("WAYLAND_DISPLAY");
  if (!hasDisplay) return await receiveUnseen(address, key, signal);
  console.error("A window shows the picture. Close it, or press q in it, to end.");
  const { code } = await run("receiver", [address], { stdout: "inherit", env }).status;
  return code;
}

/** Runs one of our programs from its source, with its own permissions. */
function run(
  name: "sender" | "receiver",
  args: string[],
  options: { stdout: "piped" | "inherit"; env: Record<string, string> },
) {
  const program = new URL(`../${name}.ts`, import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", `-P=${name}`, program, ...args],
    stdin: "null",
    ...options,
  }).spawn();
}

/** Where the sender says that it listens. */
async function addressOf(sender: Deno.ChildProcess): Promise<string> {
  const reader = sender.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new CamcatError("Cannot show the demo: the sender ended before it listened");
    text += value;
  }
  drain(reader);
  const first = JSON.parse(text.split("\n", 1)[0]);
  if (first.event === "error") throw new CamcatError(first.message);
  return first.addresses[0];
}

/** Reads on: a sender that nobody listens to would have to drop what it says. */
async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

async function receiveUnseen(address: string, key: Key, outer: AbortSignal): Promise<number> {
  console.error(
    `There is no display here: receiving from ${address} for ${SECONDS} s without a window.`,
  );
  const signal = AbortSignal.any([outer, AbortSignal.timeout(SECONDS * 1000)]);
  const latencyMs = new Quantiles();
  let [frames, bytes, lost, since] = [0, 0, 0, 0];
  let last: Uint8Array | undefined;
  for await (
    const { frame, capturedAt, dropped } of receive(parseAddress(address), { key, signal })
  ) {
    if (frames++ === 0) since = performance.now();
    bytes += frame.jpeg.length;
    lost += dropped;
    if (capturedAt !== undefined) latencyMs.add(now() - capturedAt);
    last = frame.jpeg.slice();
  }
  if (last === undefined) {
    throw new CamcatError("Cannot show the demo: no picture came; is ffmpeg installed?");
  }
  const seconds = (performance.now() - since) / 1000;
  await Deno.writeFile(SNAPSHOT, last);
  const { width, height } = sizeOf(last)!;
  console.log(`frames    ${frames} of ${width}x${height} in ${seconds.toFixed(1)} s`);
  console.log(
    `rate      ${((frames - 1) / seconds).toFixed(1)} fps, ${
      (bytes * 8 / seconds / 1e6).toFixed(1)
    } Mbit/s`,
  );
  console.log(
    `latency   p50 ${formatMs(latencyMs.at(0.5))}, p99 ${
      formatMs(latencyMs.at(0.99))
    }, capture to here`,
  );
  console.log(`dropped   ${lost}`);
  console.log(`snapshot  ${SNAPSHOT}`);
  return 0;
}

await runProgram("demo", main);
