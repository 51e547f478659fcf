// WebM that the page of the recordings makes for the browser's player.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { webmCluster, webmHead } from "../../lib/http/archive_page/webm.js";
import { Folder } from "../support/folder.ts";
import { join } from "../support/jpegs.ts";
import { opusPackets } from "../support/opus.ts";

for (const channels of [1, 2]) {
  Deno.test(`WebM of the page: ffmpeg decodes ${channels} channels, with their times`, async () => {
    await using folder = new Folder();
    const packets = await opusPackets("sine=440:d=1", { channels });
    const startMs = 90_000;
    const clusters = [0, 50].map((from) =>
      webmCluster(
        packets.slice(from, from + 50).map((opus, at) => ({
          ms: startMs + (from + at) * 10,
          opus,
        })),
      )
    );
    const path = `${folder.path}/sound.webm`;
    await Deno.writeFile(path, join(webmHead(packets[0]!), ...clusters));
    const { stdout } = await new Deno.Command("ffprobe", {
      args: [
        ...["-loglevel", "error", "-of", "json", "-show_entries"],
        ...["stream=codec_name,channels,sample_rate:packet=pts_time", path],
      ],
    }).output();
    const { streams: [stream], packets: probed } = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(stream, { codec_name: "opus", channels, sample_rate: "48000" });
    const times = probed.map(({ pts_time }: { pts_time: string }) => Number(pts_time));
    assertEquals(times, Array.from({ length: 100 }, (_, at) => 90 + at / 100));
    const { success, stderr } = await new Deno.Command("ffmpeg", {
      args: ["-loglevel", "warning", "-i", path, "-f", "null", "-"],
    }).output();
    assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
  });
}
