// @ts-types="../lib/std.d.ts"
import { assertThrows } from "@std/assert";
import { CamcatError } from "../lib/errors.ts";
import { FfmpegOutput } from "../lib/ffmpeg_output.ts";

Deno.test({
  name: "FfmpegOutput.open() says why there can be no socket, as on a full disk",
  ignore: Deno.build.os === "windows", // it has only the pipe
  permissions: "none",
  fn() {
    assertThrows(
      () => FfmpegOutput.open(),
      CamcatError,
      "Cannot start ffmpeg: no socket for its pictures can be made in /tmp (Requires write access",
    );
  },
});
