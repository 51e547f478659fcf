// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BusyError, CamcatError } from "../../lib/base/errors.ts";
import { explainFfmpeg } from "../../lib/capture/ffmpeg_errors.ts";
import { cameraRecipes } from "../../lib/capture/camera_recipe.ts";
import { ffmpegArgs } from "../../lib/capture/ffmpeg_args.ts";
import { mediaRecipe } from "../../lib/capture/media_recipe.ts";
import type { Source } from "../../lib/capture/source.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";

const CAMERA: Source = { kind: "device", path: "/dev/video0" };
const FILE: Source = { kind: "file", path: "/films/movie.mp4" };
const STREAM: Source = { kind: "url", url: "rtsp://user:secret@host/live" };

const V4L2 = "[video4linux2,v4l2 @ 0x55d0c8a3b6c0]";
const IN = "[in#0 @ 0x55d0c8a3b400]";
const OTHERWISE = "Cannot say why";

/** What ffmpeg said last, by version, and what the user reads. */
const CASES: [string, Source, string[], what: RegExp, mend: RegExp][] = [
  [
    "a screen that the display has not",
    { kind: "screen", number: 1 },
    ["[x11grab @ 0x564cdd1cd880] Cannot open display :77.1, error 6.", ":77.1: Input/output error"],
    /Cannot capture screen:1: the display has no such screen/,
    /use `sender screen` with --crop/,
  ],
  [
    "no such display",
    { kind: "screen" },
    ["[x11grab @ 0x55b6190f5880] Cannot open display :78, error 1.", ":78: Input/output error"],
    /Cannot capture screen: the display refused access/,
    /Check DISPLAY/,
  ],
  [
    "no filter for the overlay",
    CAMERA,
    [
      "[AVFilterGraph @ 0x5626680f7040] No such filter: 'drawtext'",
      "Error reinitializing filters!",
      "Failed to inject frame into filter network: Invalid argument",
    ],
    /Cannot write the overlay: this ffmpeg was built without/,
    /leave out --overlay/,
  ],
  [
    "no font for the overlay",
    CAMERA,
    [
      "[Parsed_drawtext_0 @ 0x55c878515b40] Cannot find a valid font for the family Sans",
      "[AVFilterGraph @ 0x55c878515040] Error initializing filter 'drawtext' with args 'text=x'",
      "Failed to inject frame into filter network: No such file or directory",
    ],
    /Cannot write the overlay: no font was found/,
    /Install one/,
  ],
  [
    "a crop that is larger than the picture",
    CAMERA,
    [
      "[Parsed_crop_0 @ 0x564128484b40] Invalid too big or non positive size for width '700' or height '100'",
      "Error reinitializing filters!",
    ],
    /Cannot crop \/dev\/video0: the picture is smaller/,
    /Try a smaller --crop/,
  ],
  [
    "no such camera, 5.1",
    CAMERA,
    [
      `${V4L2} Cannot open video device /dev/video0: No such file or directory`,
      "/dev/video0: No such file or directory",
    ],
    /there is no such camera/,
    /Plug it in/,
  ],
  [
    "no such camera, 7.1",
    CAMERA,
    [
      `${V4L2} Cannot open video device /dev/video0: No such file or directory`,
      `${IN} Error opening input: No such file or directory`,
      "Error opening input file /dev/video0.",
      "Error opening input files: No such file or directory",
    ],
    /there is no such camera/,
    /Plug it in/,
  ],
  [
    "no permission, 5.1",
    CAMERA,
    [
      `${V4L2} Cannot open video device /dev/video0: Permission denied`,
      "/dev/video0: Permission denied",
    ],
    /no permission/,
    /usermod -aG video/,
  ],
  [
    "no permission, 7.1",
    CAMERA,
    [
      `${V4L2} Cannot open video device /dev/video0: Permission denied`,
      `${IN} Error opening input: Permission denied`,
    ],
    /no permission/,
    /usermod -aG video/,
  ],
  [
    "busy, 5.1",
    CAMERA,
    ["/dev/video0: Device or resource busy"],
    /another program is using it/,
    /Close that program/,
  ],
  [
    "busy, 7.1",
    CAMERA,
    [`${IN} Error opening input: Device or resource busy`, "Error opening input file /dev/video0."],
    /another program is using it/,
    /Close that program/,
  ],
  [
    "no camera, 5.1",
    CAMERA,
    [
      `${V4L2} ioctl(VIDIOC_QUERYCAP): Inappropriate ioctl for device`,
      "/dev/video0: Inappropriate ioctl for device",
    ],
    /gives no pictures/,
    /try the one before/,
  ],
  [
    "a metadata node, 7.1",
    CAMERA,
    [
      `${V4L2} ioctl(VIDIOC_G_INPUT): Inappropriate ioctl for device`,
      `${IN} Error opening input: Inappropriate ioctl for device`,
    ],
    /gives no pictures/,
    /try the one before/,
  ],
  [
    "a format that is not offered, 5.1",
    CAMERA,
    [
      `${V4L2} Cannot find a proper format for codec 'mjpeg' (id 7), pixel format 'none' (id -1)`,
      "/dev/video0: Invalid argument",
    ],
    /does not offer it/,
    /another --size or --fps/,
  ],
  [
    "a format that is not offered, 7.1",
    CAMERA,
    [
      `${V4L2} Cannot find a proper format for codec 'mjpeg' (id 7), pixel format 'none' (id -1)`,
      `${IN} Error opening input: Invalid argument`,
    ],
    /does not offer it/,
    /another --size or --fps/,
  ],
  [
    "unplugged, 5.1",
    CAMERA,
    [`${V4L2} ioctl(VIDIOC_DQBUF): No such device`, "/dev/video0: No such device"],
    /unplugged or failed/,
    /unplugged/,
  ],
  [
    "unplugged, 7.1",
    CAMERA,
    [
      `${V4L2} Some buffers are still owned by the caller on close.`,
      "[in#0/video4linux2,v4l2 @ 0x55d0] Error during demuxing: No such device",
    ],
    /unplugged or failed/,
    /unplugged/,
  ],
  [
    "an I/O error, 5.1",
    CAMERA,
    [`${V4L2} ioctl(VIDIOC_DQBUF): Input/output error`, "/dev/video0: Input/output error"],
    /unplugged or failed/,
    /unplugged/,
  ],
  [
    "an I/O error, 7.1",
    CAMERA,
    ["[in#0/video4linux2,v4l2 @ 0x55d0] Error during demuxing: Input/output error"],
    /unplugged or failed/,
    /unplugged/,
  ],
  [
    "a rate that macOS does not offer",
    { kind: "device", path: "default" },
    [
      "[avfoundation @ 0x7f8] Selected framerate (29.970030) is not supported by the device.",
      "default:none: Input/output error",
    ],
    /does not offer it/,
    /another --size or --fps/,
  ],
  [
    "busy on Windows",
    { kind: "device", path: "HD Webcam" },
    [
      "[dshow @ 00] Could not run graph (sometimes caused by a device already in use by other application)",
      "video=HD Webcam: I/O error",
    ],
    /another program is using it/,
    /Close that program/,
  ],
  [
    "a file without permission",
    FILE,
    ["file:/films/movie.mp4: Permission denied"],
    /no permission to read it/,
    /permissions/,
  ],
  [
    "a password that is missing",
    STREAM,
    [
      "[rtsp @ 0x55] method DESCRIBE failed: 401 Unauthorized",
      "rtsp: Server returned 401 Unauthorized (authorization failed)",
    ],
    /needs a password/,
    /Put it into the URL/,
  ],
  [
    "a host that does not answer",
    STREAM,
    ["[tcp @ 0x55] Connection to tcp://host:554 failed: Connection timed out"],
    /does not answer/,
    /Check the host/,
  ],
  [
    "a host that cannot be reached",
    STREAM,
    ["rtsp://host/live: No route to host"],
    /does not answer/,
    /Check the host/,
  ],
  [
    "a host that is not known",
    STREAM,
    ["[tcp @ 0x55] Failed to resolve hostname host: Name or service not known"],
    /host is unknown/,
    /Check the host/,
  ],
  [
    "an RTSP server without that path",
    STREAM,
    ["[rtsp @ 0x55] method DESCRIBE failed: 404 Not Found"],
    /nothing at this path/,
    /Check the path/,
  ],
];

for (const [name, source, lines, what, mend] of CASES) {
  Deno.test({
    name: `explainFfmpeg() understands ${name}, and says how to fix it`,
    permissions: "none",
    fn() {
      const error = explainFfmpeg(lines, source, OTHERWISE);
      assert(error instanceof CamcatError);
      assertEquals(error instanceof BusyError, name.startsWith("busy"));
      assertMatch(error.message, what);
      assertMatch(error.message, mend);
      assertSentence(error.message);
      assert(!error.message.includes("secret"));
    },
  });
}

/** What every message to the user looks like. */
function assertSentence(message: string): void {
  assertMatch(message, /^Cannot \S.*: .*[^.]$/);
}

Deno.test({
  name: "explainFfmpeg() uses the given sentence if no line matches",
  permissions: "none",
  fn() {
    const lines = [
      "Some new trouble",
      `${V4L2} Dequeued v4l2 buffer contains corrupted data (1234 bytes).`,
    ];
    const error = explainFfmpeg(lines, CAMERA, OTHERWISE);
    assertEquals([error.message, error.details], [OTHERWISE, lines.join("\n")]);
    assertEquals(explainFfmpeg([], CAMERA, OTHERWISE).message, OTHERWISE);
  },
});

Deno.test({
  name: "explainFfmpeg() ignores the lines of a normal exit",
  permissions: "none",
  fn() {
    const noise = [
      `${V4L2} Some buffers are still owned by the caller on close.`,
      `${V4L2} ioctl(VIDIOC_QBUF): Bad file descriptor`,
      "av_interleaved_write_frame(): Broken pipe",
      "Conversion failed!",
    ];
    const error = explainFfmpeg([...noise, "telling"], CAMERA, OTHERWISE);
    assertEquals([error.message, error.details], [OTHERWISE, "telling"]);
  },
});

/** What ffmpeg is made to open here. */
type Openable = Extract<Source, { kind: "device" | "file" | "url" }>;

/** The lines of a real ffmpeg that fails. */
async function failureOf(source: Openable): Promise<string[]> {
  const recipe = source.kind === "device"
    ? cameraRecipes(source.path, {}, "linux")[0]
    : mediaRecipe(source, {});
  const args = ffmpegArgs(recipe, source.kind, {}, "pipe:1");
  const { stderr } = await new Deno.Command("ffmpeg", { args, stdin: "null" }).output();
  return new TextDecoder().decode(stderr).trim().split("\n").slice(-20);
}

Deno.test("explainFfmpeg() understands the ffmpeg that is installed", async () => {
  await using folder = new Folder();
  const file = async (name: string, content: string | Uint8Array) => {
    const path = `${folder.path}/${name}`;
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    return { kind: "file", path } as const;
  };
  const device = (path: string) => ({ kind: "device", path }) as const;
  const url = (url: string) => ({ kind: "url", url }) as const;
  const silence = ["-f", "lavfi", "-i", "anullsrc", "-t", "0.1", "-f", "wav", "pipe:1"];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => new Response("", { status: Number(new URL(request.url).pathname.slice(1)) }),
  );

  const cases: [Openable, string][] = [
    [{ kind: "file", path: `${folder.path}/none.mp4` }, "there is no such file. Check its name"],
    [
      await file("text.mp4", "This is no video.\n".repeat(100)),
      "ffmpeg does not recognise it as video",
    ],
    [await file("empty.mp4", ""), "ffmpeg does not recognise it as video"],
    [await file("sound.wav", await ffmpeg(silence)), "it contains no video"],
    [{ kind: "file", path: folder.path }, "it is a folder. Name a file inside it"],
    [
      url(`http://127.0.0.1:${server.addr.port}/404`),
      "the server has nothing at this path. Check the path",
    ],
    [url(`http://127.0.0.1:${server.addr.port}/401`), "needs a password, or a different one"],
    [url(`http://127.0.0.1:${server.addr.port}/503`), "sent no stream. Check the URL"],
    [url("http://127.0.0.1:1/"), "nothing listens on that port. Check host and port"],
    [url("http://host.invalid/"), "its host is unknown. Check the host"],
    [url("nonsense://host/"), "does not know this kind of URL. Check its first letters"],
  ];
  if (Deno.build.os === "linux") {
    cases.push(
      [device("/dev/video4711"), "there is no such camera. Plug it in"],
      [device("/dev/null"), "gives no pictures"],
    );
  }
  for (const [source, expected] of cases) {
    const lines = await failureOf(source);
    const { message } = explainFfmpeg(lines, source, OTHERWISE);
    assertStringIncludes(message, expected, lines.join("\n"));
    assertSentence(message);
  }
});
