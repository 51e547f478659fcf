// @ts-types="../../lib/std.d.ts"
import { assertThrows } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { FfmpegStream } from "../../lib/program/ffmpeg_stream.ts";

Deno.test({
  name: "FfmpegStream.open() says why there can be no socket, as on a full disk",
  ignore: Deno.build.os === "windows", // it has only the pipe
  permissions: "none",
  fn() {
    assertThrows(
      () => FfmpegStream.open(),
      CamcatError,
      "Cannot start ffmpeg: no socket for its pictures can be made in /tmp (Requires write access",
    );
  },
});
