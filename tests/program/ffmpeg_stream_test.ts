// @ts-types="../../lib/std.d.ts"
import { assertThrows } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { FfmpegStream } from "../../lib/program/ffmpeg_stream.ts";

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
