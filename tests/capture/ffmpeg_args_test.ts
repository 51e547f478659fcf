// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import { cameraRecipes, modeRecipe } from "../../lib/capture/camera_recipe.ts";
import { ffmpegArgs } from "../../lib/capture/ffmpeg_args.ts";
import { mediaRecipe, testRecipe, urlOf } from "../../lib/capture/media_recipe.ts";
import { askedOfSource, type Picture } from "../../lib/capture/picture.ts";
import { asForced } from "../../lib/capture/recipe.ts";
import type { StreamFacts } from "../../lib/capture/stream_report.ts";
import type { SelectedMode } from "../../lib/camera/mode.ts";
import { UsageError } from "../../lib/base/errors.ts";
import type { Source } from "../../lib/capture/source.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const DEVICE: Source = { kind: "device", path: "/dev/video0" };
const FILE = { kind: "file", path: "movie.mp4" } as const;
const STREAM = { kind: "url", url: "srt://host:9" } as const;
const CAMERA = { kind: "url", url: "rtsp://host/live" } as const;
const H264: StreamFacts = { codec: "h264", container: "mov", seconds: 9, isAttached: false };
const MJPEG: StreamFacts = { ...H264, codec: "mjpeg", container: "avi" };
const { seconds: _, ...UNTIMED } = MJPEG;
/** JPEGs one after another, without times. */
const BARE: StreamFacts = { ...UNTIMED, container: "mjpeg" };

/** Recipes as they are typed, those that pass JPEGs through marked by `copy`. */
function typed(recipes: { input: string[]; copy: boolean }[]): string[] {
  return recipes.map(({ input, copy }) => input.join(" ") + (copy ? " copy" : ""));
}

test("cameraRecipes() asks each system for the camera's own JPEGs, where it can", () => {
  const hd = "-video_size 1280x720";
  const cases: [typeof Deno.build.os, string, Picture, string[]][] = [
    ["linux", "/dev/video0", {}, [
      `-f v4l2 ${hd} -framerate 30 -input_format mjpeg -i /dev/video0 copy`,
      `-f v4l2 ${hd} -framerate 30 -i /dev/video0`,
    ]],
    ["linux", "/dev/video2", { size: { width: 640, height: 480 }, fps: 7.5 }, [
      "-f v4l2 -video_size 640x480 -framerate 7.5 -input_format mjpeg -i /dev/video2 copy",
      "-f v4l2 -video_size 640x480 -framerate 7.5 -i /dev/video2",
    ]],
    // One of the two is left to the camera, and scaled.
    ["linux", "/dev/video0", { size: { height: 480 } }, [
      "-f v4l2 -framerate 30 -input_format mjpeg -i /dev/video0",
      "-f v4l2 -framerate 30 -i /dev/video0",
    ]],
    // A quality asked for needs encoding anew.
    ["linux", "/dev/video0", { quality: 50 }, [
      `-f v4l2 ${hd} -framerate 30 -input_format mjpeg -i /dev/video0`,
      `-f v4l2 ${hd} -framerate 30 -i /dev/video0`,
    ]],
    ["darwin", "default", {}, [`-f avfoundation ${hd} -framerate 30 -i default:none`]],
    ["windows", "HD Webcam", {}, [
      `-f dshow -vcodec mjpeg ${hd} -framerate 30 -i video=HD Webcam copy`,
      `-f dshow ${hd} -framerate 30 -i video=HD Webcam`,
    ]],
  ];
  for (const [os, path, picture, expected] of cases) {
    assertEquals(typed(cameraRecipes(path, picture, os)), expected, os);
  }
});

test("modeRecipe() asks for a mode in each system's way", () => {
  const mjpeg: SelectedMode = { format: "mjpeg", width: 1280, height: 720, fps: 29.97 };
  const raw: SelectedMode = { ...mjpeg, format: "yuyv422", fps: 10 };
  const at = (fps: number) => `-video_size 1280x720 -framerate ${fps}`;
  const cases: [typeof Deno.build.os, string, SelectedMode, Picture, string][] = [
    [
      "linux",
      "/dev/video0",
      mjpeg,
      {},
      `-f v4l2 ${at(29.97)} -input_format mjpeg -i /dev/video0 copy`,
    ],
    [
      "linux",
      "/dev/video0",
      mjpeg,
      { quality: 50 },
      `-f v4l2 ${at(29.97)} -input_format mjpeg -i /dev/video0`,
    ],
    ["linux", "/dev/video0", raw, {}, `-f v4l2 ${at(10)} -input_format yuyv422 -i /dev/video0`],
    ["darwin", "0", { ...raw, format: "" }, {}, `-f avfoundation ${at(10)} -i 0:none`],
    [
      "windows",
      "@device_pnp_x",
      mjpeg,
      {},
      `-f dshow -vcodec mjpeg ${at(29.97)} -i video=@device_pnp_x copy`,
    ],
    [
      "windows",
      "HD Webcam",
      raw,
      {},
      `-f dshow -pixel_format yuyv422 ${at(10)} -i video=HD Webcam`,
    ],
  ];
  for (const [os, path, choice, picture, expected] of cases) {
    assertEquals(typed([modeRecipe(path, choice, picture, os)]), [expected]);
  }
});

test("asForced() passes on or encodes as the user says, and refuses what cannot be passed on", () => {
  const copying = { input: ["-i", "x"], copy: true };
  const encoding = { input: ["-i", "x"], copy: false };
  const both = [copying, encoding];
  assertEquals(asForced(both, {}, DEVICE), both);
  assertEquals(asForced(both, { copy: true }, DEVICE), [copying]);
  assertEquals(asForced(both, { copy: false }, DEVICE), [encoding, encoding]);
  assertThrows(
    () => asForced([encoding], { copy: true }, FILE),
    UsageError,
    "Cannot pass the pictures of movie.mp4 on untouched",
  );
});

test("testRecipe() plays a picture of any size at its own pace", () => {
  const cases: [Picture, string][] = [
    [{}, "testsrc2=size=1280x720:rate=30"],
    [{ size: { width: 320, height: 240 }, fps: 12.5 }, "testsrc2=size=320x240:rate=12.5"],
    [{ size: { width: 640 } }, "testsrc2=size=640x360:rate=30"],
    [{ size: { height: 480 } }, "testsrc2=size=854x480:rate=30"],
  ];
  for (const [picture, graph] of cases) {
    assertEquals(typed([testRecipe(picture)]), [`-re -f lavfi -i ${graph}`]);
  }
});

test("askedOfSource() leaves the size to the source, if the picture gets another shape", () => {
  const size = { width: 640, height: 480 };
  const crop = { width: 100, height: 50, x: 3, y: 4 };
  const kept: Picture[] = [{}, { size }, { size, fps: 5, rotate: 180, flip: "v", overlay: "x" }];
  for (const picture of kept) assertEquals(askedOfSource(picture), picture);
  assertEquals(askedOfSource({ size, fps: 5, rotate: 90 }), { fps: 5, rotate: 90 });
  assertEquals(askedOfSource({ size, rotate: 270 }), { rotate: 270 });
  assertEquals(askedOfSource({ size, crop }), { crop });
});

test("mediaRecipe() plays files at their own pace, and streams as they come", () => {
  const live = "-flags low_delay";
  const size = { width: 640, height: 480 };
  type Media = Parameters<typeof mediaRecipe>[0];
  const cases: [Media, Picture, StreamFacts | undefined, string][] = [
    // Before the first report.
    [FILE, {}, undefined, "-re -i file:movie.mp4"],
    [STREAM, {}, undefined, `${live} -i srt://host:9`],
    [FILE, {}, H264, "-re -i file:movie.mp4"],
    [FILE, { loop: true }, H264, "-re -stream_loop -1 -i file:movie.mp4"],
    [FILE, {}, MJPEG, "-re -i file:movie.mp4 copy"],
    [FILE, { size }, MJPEG, "-re -i file:movie.mp4"],
    [FILE, { quality: 50 }, MJPEG, "-re -i file:movie.mp4"],
    [FILE, { fps: 5 }, MJPEG, "-re -i file:movie.mp4"],
    // --fps says how fast to play JPEGs that carry no times.
    [FILE, { fps: 5 }, BARE, "-re -framerate 5 -i file:movie.mp4 copy"],
    [
      FILE,
      { fps: 5 },
      { ...BARE, container: "jpeg_pipe" },
      "-re -framerate 5 -i file:movie.mp4 copy",
    ],
    // What may be a single picture is not repeated at the pace of the disk.
    [FILE, { loop: true }, { ...MJPEG, container: "image2" }, "-re -i file:movie.mp4 copy"],
    [FILE, { loop: true }, { ...MJPEG, isAttached: true }, "-re -i file:movie.mp4 copy"],
    [FILE, { loop: true }, BARE, "-re -i file:movie.mp4 copy"],
    [FILE, { loop: true }, { ...H264, seconds: 0.04 }, "-re -i file:movie.mp4"],
    [STREAM, {}, UNTIMED, `${live} -i srt://host:9 copy`],
    [STREAM, { fps: 5 }, UNTIMED, `${live} -i srt://host:9`],
    [STREAM, {}, H264, "-re -i srt://host:9"],
    [CAMERA, {}, UNTIMED, `${live} -rtsp_flags prefer_tcp -i rtsp://host/live copy`],
  ];
  for (const [source, picture, facts, expected] of cases) {
    assertEquals(typed([mediaRecipe(source, picture, facts)]), [expected]);
  }
  for (const transport of ["udp", "tcp"] as const) {
    assertEquals(typed([mediaRecipe(CAMERA, {}, UNTIMED, transport)]), [
      `${live} -rtsp_transport ${transport} -i rtsp://host/live copy`,
    ]);
  }
  const ends = (source: Media, picture: Picture, facts: StreamFacts) =>
    mediaRecipe(source, picture, facts).ends;
  assertEquals([ends(FILE, {}, H264), ends(FILE, { loop: true }, H264)], [true, false]);
  assertEquals([ends(STREAM, {}, H264), ends(STREAM, {}, UNTIMED)], [true, false]);
});

test("ffmpegArgs() encodes only what has to be, with the filters that are needed", () => {
  const args = (source: Source, picture: Picture, copy = false) => {
    const all = ffmpegArgs({ input: ["-i", "x"], copy }, source.kind, picture, "out", "-vsync")
      .join(" ");
    const rest = /^-hide_banner -nostats (.*-i x) -map 0:v:0 (.*) -f mjpeg -y out$/.exec(all);
    assert(rest !== null, all);
    return rest.slice(1);
  };
  const encoder = "-vsync passthrough -enc_time_base 1:1000000 -c:v mjpeg -pix_fmt yuvj420p -q:v";
  const size = { width: 640, height: 480 };
  const cases: [Source, Picture, string][] = [
    [FILE, {}, ""],
    [FILE, { fps: 5 }, "-vf fps=5:eof_action=pass "],
    [FILE, { size }, "-vf scale=640:480 "],
    [FILE, { size, fps: 5 }, "-vf fps=5:eof_action=pass,scale=640:480 "],
    [STREAM, { size: { height: 480 } }, "-vf scale=-2:480 "],
    [STREAM, { size: { width: 640 } }, "-vf scale=640:-2 "],
    // A camera was asked for its size and rate: what it gives is near enough.
    [DEVICE, { size, fps: 5 }, ""],
    [DEVICE, { size: { height: 480 }, fps: 5 }, "-vf scale=-2:480 "],
    [{ kind: "test" }, { size, fps: 5 }, ""],
  ];
  for (const [source, picture, filters] of cases) {
    assertEquals(args(source, picture), ["-nostdin -i x", `${filters}${encoder} 5 -threads 1`]);
    assertEquals(args(source, picture, true), ["-nostdin -i x", "-c:v copy"]);
  }
  // What changes the picture is never copied; a size is then that of the changed picture.
  const crop = { width: 100, height: 50, x: 3, y: 4 };
  const changed: [Source, Picture, string][] = [
    [FILE, { flip: "h" }, "-vf hflip "],
    [
      FILE,
      { crop, size, fps: 5 },
      "-vf fps=5:eof_action=pass,crop=100:50:3:4:exact=1,scale=640:480 ",
    ],
    [DEVICE, { rotate: 180, size }, "-vf hflip,vflip "],
    [DEVICE, { rotate: 90, size }, "-vf transpose=clock,scale=640:480 "],
    [{ kind: "test" }, { crop, size }, "-vf crop=100:50:3:4:exact=1,scale=640:480 "],
  ];
  for (const [source, picture, filters] of changed) {
    for (const copy of [false, true]) {
      const expected = ["-nostdin -i x", `${filters}${encoder} 5 -threads 1`];
      assertEquals(args(source, picture, copy), expected);
    }
  }
  // ffmpeg must not read its commands where it reads the pictures.
  const fed = ffmpegArgs({ input: ["-i", "pipe:0"], copy: false }, "stdin", {}, "out");
  assertEquals([fed.includes("-nostdin"), fed.slice(2, 4)], [false, ["-i", "pipe:0"]]);
});

test("ffmpegArgs() spans ffmpeg's scale of quality, best at 100", () => {
  const scale = (quality: number) => {
    const args = ffmpegArgs({ input: [], copy: false }, "file", { quality }, "out");
    assert(args.includes("-fps_mode"));
    return Number(args[args.indexOf("-q:v") + 1]);
  };
  const scales = Array.from({ length: 100 }, (_, index) => scale(index + 1));
  assertEquals([scales[0], scales[99]], [31, 2]);
  assert(scales.every((scale, index) => index === 0 || scale <= scales[index - 1]));
});

test("urlOf() keeps file names from becoming options or protocols", () => {
  const cases: [string, string][] = [
    ["-movie.mp4", "file:-movie.mp4"],
    ["concat:a|b", "file:concat:a|b"],
    ["pipe:0", "file:pipe:0"],
    ["100%done%d.mp4", "file:100%done%d.mp4"],
    ["file:x", "file:file:x"],
  ];
  for (const [path, url] of cases) assertEquals(urlOf({ kind: "file", path }), url);
  assertEquals(urlOf(CAMERA), "rtsp://host/live");
});

Deno.test("ffmpeg encodes every picture of a camera whose times jitter", async () => {
  await using folder = new Folder();
  const camera = `${folder.path}/camera.nut`; // 30 fps by its own account, as V4L2 gives them
  await ffmpeg([
    ...["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=30:duration=1"],
    ...["-enc_time_base", "1:1000000", "-bsf:v", "setts=ts=if(mod(N\\,10)\\,PTS\\,PTS-25000)"],
    ...["-c:v", "mjpeg", "-r", "30", camera],
  ]);
  const args = ffmpegArgs({ input: ["-i", camera], copy: false }, "device", {}, "pipe:1");
  assertEquals(new JpegSplitter().push(await ffmpeg(args)).length, 30);
});

Deno.test("ffmpeg opens files of any name", async () => {
  await using folder = new Folder();
  const one = ["-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1", "-f", "mjpeg"];
  const picture = await ffmpeg([...one, "pipe:1"]);
  const names = [
    "-movie.mjpeg",
    "concat:a|b.mjpeg",
    "100%d.mjpeg",
    "x%03d.mjpeg",
    "a b'c\"$.mjpeg",
  ];
  for (const name of [...names, "one.jpg", "[0].jpg"]) {
    const path = `${folder.path}/${name}`;
    await Deno.writeFile(path, picture);
    const recipe = mediaRecipe({ kind: "file", path }, {}, BARE);
    const args = ffmpegArgs(recipe, "file", {}, "pipe:1");
    assertEquals((await ffmpeg(args)).length, picture.length, name);
  }
});
