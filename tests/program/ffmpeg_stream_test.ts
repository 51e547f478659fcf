// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { FfmpegStream } from "../../lib/program/ffmpeg_stream.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { exists } from "../support/folder.ts";

Deno.test({
  name: "FfmpegStream.open() says why it cannot make the socket",
  ignore: Deno.build.os === "windows", // it has only the pipe
  permissions: "none",
  fn() {
    assertThrows(
      () => FfmpegStream.open(),
      CamcatError,
      "Cannot start ffmpeg: its socket in /tmp cannot be made (Requires write access",
    );
  },
});

Deno.test("FfmpegStream gives what ffmpeg writes, also after it is closed, and leaves no folder", async () => {
  using stream = FfmpegStream.open();
  const source = ["-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "3"];
  await using process = new Deno.Command("ffmpeg", {
    args: ["-loglevel", "error", ...source, "-f", "mjpeg", stream.url],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const frames = await stream.accept(process);
  stream[Symbol.dispose]();
  assert(frames !== undefined);
  const bytes = await new Response("readable" in frames ? frames.readable : frames).bytes();
  assertEquals(new JpegSplitter().push(bytes).length, 3);
  if (frames !== process.stdout) await process.stdout.cancel();
  if (stream.url !== "pipe:1") assert(!exists(stream.url.replace("unix:", "")));
  assertEquals((await process.status).code, 0);
});

Deno.test({
  name: "FfmpegStream.accept() gives nothing when the socket is closed first",
  ignore: Deno.build.os === "windows",
  async fn() {
    using stream = FfmpegStream.open();
    const accepting = stream.accept({} as Deno.ChildProcess); // looked at for a pipe only
    stream[Symbol.dispose]();
    assertEquals(await accepting, undefined);
  },
});
