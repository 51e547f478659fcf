// What a webcam gives, written to a named pipe in place of a device.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { parseWebcamMode } from "../../lib/display/webcam_mode.ts";
import { WebcamOutput } from "../../lib/display/webcam_output.ts";
import { webcamFailure, WebcamWriter } from "../../lib/display/webcam_writer.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { noSignal } from "../../lib/jpeg/no_signal.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { withPatience } from "../support/patience.ts";
import { testOnLinux } from "../support/processes.ts";

const MODE = { width: 64, height: 32, fps: 20 };
const PICTURE_BYTES = MODE.width * MODE.height * 2;

/** A named pipe, and what comes out of it, picture by picture. */
async function pipe(folder: Folder) {
  const path = `${folder.path}/webcam`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  async function* pictures() {
    using file = await Deno.open(path);
    for (;;) {
      const picture = new Uint8Array(PICTURE_BYTES);
      for (let end = 0, count; end < picture.length; end += count) {
        count = await file.read(picture.subarray(end)) ?? 0;
        if (count === 0) return;
      }
      yield picture;
    }
  }
  const reading = pictures();
  return {
    output: ["-f", "rawvideo", "-y", path],
    pictures: reading,
    [Symbol.asyncDispose]: async () => void await reading.return(),
  };
}

/** The luma of a row of a YUYV picture at the left border, in the middle, and at the right. */
function row(picture: Uint8Array, y: number): number[] {
  return [2, MODE.width / 2, MODE.width - 3].map((x) => picture[(y * MODE.width + x) * 2]);
}

async function next<T>(pictures: AsyncGenerator<T>): Promise<T> {
  const { value } = await withPatience(() => pictures.next(), () => "a picture");
  assert(value !== undefined, "the pictures have ended");
  return value as T;
}

/** A white JPEG. */
async function white(size: string): Promise<Frame> {
  const source = ["-f", "lavfi", "-i", `color=white:size=${size}`, "-frames:v", "1"];
  const jpeg = await ffmpeg([...source, "-pix_fmt", "yuvj420p", "-f", "mjpeg", "pipe:1"]);
  return Frame.from(jpeg, { time: 0 });
}

testOnLinux(
  "WebcamWriter repeats a picture, with black borders where the shape differs",
  async () => {
    await using folder = new Folder();
    await using webcam = await pipe(folder);
    const { output, pictures } = webcam;
    await using writer = new WebcamWriter({ mode: MODE, output });
    const shown = writer.show(await white("48x48"));
    for (let count = 0; count < 5; count++) {
      assertEquals(row(await next(pictures), MODE.height / 2), [16, 235, 16]); // BT.601, limited range
    }
    await shown;
    writer.show(await white("320x40")); // another shape
    let picture;
    do picture = await next(pictures); while (row(picture, MODE.height / 2)[0] === 16);
    assertEquals(row(picture, MODE.height / 2), [235, 235, 235]);
    assertEquals(row(picture, 2), [16, 16, 16]);
    // Grey, as NO SIGNAL is.
    writer.show(Frame.from(noSignal("door", 0, 0, MODE), { time: 0 }));
    do picture = await next(pictures); while (row(picture, MODE.height / 2)[0] === 235);
    assertEquals(picture[1], 128); // no colour
  },
);

testOnLinux(
  "WebcamWriter.show() resolves for a frame that was replaced, and after the end",
  async () => {
    await using folder = new Folder();
    await using webcam = await pipe(folder);
    const { output, pictures } = webcam;
    await using writer = new WebcamWriter({ mode: MODE, output });
    const frame = await white("64x32");
    const shown = Array.from({ length: 10 }, () => writer.show(frame));
    await next(pictures);
    await withPatience(() => Promise.all(shown), () => "all to be shown or replaced");
    await writer[Symbol.asyncDispose]();
    await withPatience(() => writer.show(frame), () => "an end of what comes too late");
  },
);

testOnLinux("WebcamWriter ends with what ffmpeg says about a device", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/nothing`;
  await using writer = new WebcamWriter({ mode: MODE, output: ["-f", "v4l2", path] });
  writer.show(await white("64x32"));
  const failure = webcamFailure(path, await writer.ended);
  assertEquals(failure.message, `Cannot write to the webcam ${path}: it is gone`);
});

testOnLinux("WebcamOutput ends with what to do where there is no device", async () => {
  const { signal } = new AbortController();
  await using output = new WebcamOutput("door", { device: "/dev/video99", mode: MODE, signal });
  const failure = await output.ended;
  assertMatch(failure!.message, /^Cannot be (a|the) webcam.*\. Run: sudo |it must be a loopback/);
});

Deno.test("webcamFailure() says what ffmpeg's words mean", () => {
  const cases: [string, RegExp][] = [
    ["ioctl(VIDIOC_G_FMT): Invalid argument", /another program writes to it/],
    ["ioctl(VIDIOC_S_FMT): Device or resource busy", /another program writes to it/],
    ["ioctl(VIDIOC_G_FMT): Inappropriate ioctl for device", /it is not a loopback device$/],
    ["Could not write header ... : Permission denied", /you may not. Run: sudo usermod -aG video/],
    ["Conversion failed!", /ffmpeg has ended. Start again with --verbose/],
  ];
  for (const [line, message] of cases) {
    assertMatch(webcamFailure("/dev/video9", [line]).message, message);
  }
});

Deno.test("parseWebcamMode() takes even sizes and rates that programs know", () => {
  assertEquals(parseWebcamMode("640x360"), { width: 640, height: 360, fps: 30 });
  assertEquals(parseWebcamMode("1920x1080@15"), { width: 1920, height: 1080, fps: 15 });
  const wrong = ["", "640", "641x360", "640x360@0", "640x360@61", "8000x10", "x720", "16x16"];
  for (const text of wrong) {
    assertThrows(() => parseWebcamMode(text), UsageError, "it must be like 1280x720@30");
  }
});
