// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { WebmWriter } from "../../lib/sound/webm.ts";
import { join } from "../support/jpegs.ts";
import { opusPackets } from "../support/opus.ts";

/** The times of the packets that ffprobe finds in a file, in milliseconds, and what else it says. */
async function probe(file: Uint8Array): Promise<{ times: number[]; channels: number }> {
  const process = new Deno.Command("ffprobe", {
    args: [
      ...["-loglevel", "error", "-f", "matroska", "-i", "pipe:0", "-of", "json"],
      ...["-show_entries", "packet=pts_time:stream=codec_name,channels"],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(file);
  await writer.close();
  const { stdout, stderr } = await process.output();
  assertEquals(new TextDecoder().decode(stderr), "");
  const { packets, streams } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(streams[0].codec_name, "opus");
  return {
    times: packets.map(({ pts_time }: { pts_time: string }) => Math.round(Number(pts_time) * 1000)),
    channels: streams[0].channels,
  };
}

for (const channels of [1, 2]) {
  Deno.test(`WebmWriter writes what ffmpeg reads, with gaps, of ${channels} channels`, async () => {
    const packets = await opusPackets("sine=duration=3", { ms: 10, channels });
    assert(packets.length > 250);
    const writer = new WebmWriter();
    const parts: Uint8Array[] = [];
    const times: number[] = [];
    packets.forEach((data, index) => {
      if (index >= 120 && index < 125) return; // dropped
      parts.push(writer.encode(new SoundPacket({ seq: 7 + index, time: 0, data })));
      times.push(index * 10);
    });
    assertEquals(await probe(join(...parts)), { times, channels });
    // Each piece can be sent as soon as it is made.
    assert(parts.slice(1).every(({ length }, index) => length < packets[index].length + 200));
  });
}
