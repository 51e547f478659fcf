// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import {
  chooseMode,
  differs,
  type Mode,
  type ModeRequest,
  requestText,
  selectedText,
} from "../../lib/camera/mode.ts";
import { mergeModes, sizesBetween } from "../../lib/camera/mode_merging.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** `mjpeg 1280x720 30 15`, `nv12 640x480 1-30` for every rate between, `mjpeg 640x480` for no rates known. */
function modes(...lines: string[]): Mode[] {
  return lines.map((line) => {
    const [format, size, ...rates] = line.split(" ");
    const [width, height] = size.split("x").map(Number);
    const range = /^(\d+)-(\d+)$/.exec(rates[0] ?? "");
    return range === null
      ? { format, width, height, fps: rates.map(Number) }
      : { format, width, height, fps: [Number(range[2]), Number(range[1])], anyFps: true };
  });
}

/** As most webcams are: raw pictures only as many as the cable carries. */
const WEBCAM = modes(
  "yuyv422 640x480 30 24 20 15 10 7.5 5",
  "yuyv422 1280x720 10 7.5 5",
  "yuyv422 1920x1080 5",
  "mjpeg 640x480 30 24 20 15 10 7.5 5",
  "mjpeg 800x600 30 24 20 15 10 7.5 5",
  "mjpeg 1280x720 60 30 24 20 15 10 7.5 5",
  "mjpeg 1920x1080 30 24 20 15 10 7.5 5",
);
/** As the kernel's test driver. */
const RAW = modes(
  "yuyv422 320x180 60 50 40 30 25",
  "yuyv422 640x360 40 30 25",
  "yuyv422 640x480 25 15",
  "yuyv422 1280x720 12.5 10",
  "uyvy422 640x360 40 30 25",
);

const size = (width: number, height: number) => ({ size: { width, height } });

test("chooseMode() takes what fits best, and says whether it differs from the wish", () => {
  const cases: [Mode[], ModeRequest, string | undefined, boolean?][] = [
    // Nothing asked for: MJPEG up to 1280x720 that reaches 30 fps, and no more than that.
    [WEBCAM, {}, "mjpeg 1280x720 at 30 fps"],
    [modes("mjpeg 640x480 30", "mjpeg 1280x720 15"), {}, "mjpeg 640x480 at 30 fps"],
    [modes("mjpeg 640x480 15", "mjpeg 1280x720 10"), {}, "mjpeg 640x480 at 15 fps"],
    [modes("mjpeg 640x480 15", "mjpeg 1280x720 15"), {}, "mjpeg 1280x720 at 15 fps"],
    [modes("mjpeg 1280x720 29.97 15"), {}, "mjpeg 1280x720 at 29.97 fps"],
    [modes("mjpeg 1920x1080 30", "mjpeg 3840x2160 30"), {}, "mjpeg 1920x1080 at 30 fps"],
    [modes("mjpeg 640x480 15", "yuyv422 1280x720 30"), {}, "mjpeg 640x480 at 15 fps"],
    [modes("mjpeg 1920x1080 30", "yuyv422 640x480 30"), {}, "mjpeg 1920x1080 at 30 fps"],
    [modes("mjpeg 1280x720 1-60"), {}, "mjpeg 1280x720 at 30 fps"],
    // No MJPEG: raw before what must be decoded, formats in the camera's own order.
    [RAW, {}, "yuyv422 640x360 at 30 fps"],
    [modes("h264 1280x720 30", "nv12 640x480 30"), {}, "nv12 640x480 at 30 fps"],
    [modes("h264 1280x720 30"), {}, "h264 1280x720 at 30 fps"],
    // Rates that are not known are taken on trust; formats that are not told are taken as they are.
    [modes("mjpeg 1920x1080", "mjpeg 1280x720"), {}, "mjpeg 1280x720 at 30 fps"],
    [modes("mjpeg 1280x720"), { fps: 12 }, "mjpeg 1280x720 at 12 fps"],
    [[{ format: "", width: 1280, height: 720, fps: [30.00003] }], {}, "1280x720 at 30 fps"],
    // A size: the nearest, before all else.
    [WEBCAM, size(1920, 1080), "mjpeg 1920x1080 at 30 fps"],
    [WEBCAM, size(1900, 1000), "mjpeg 1920x1080 at 30 fps", true],
    [WEBCAM, size(16, 16), "mjpeg 640x480 at 30 fps", true],
    [RAW, size(1280, 720), "yuyv422 1280x720 at 12.5 fps"],
    [RAW, { ...size(1280, 720), fps: 30 }, "yuyv422 1280x720 at 12.5 fps", true],
    [WEBCAM, { size: { height: 480 } }, "mjpeg 640x480 at 30 fps"],
    [WEBCAM, { size: { width: 1000 } }, "mjpeg 800x600 at 30 fps", true],
    // A rate: the nearest, then the largest picture up to 1280x720.
    [WEBCAM, { fps: 60 }, "mjpeg 1280x720 at 60 fps"],
    [WEBCAM, { fps: 100 }, "mjpeg 1280x720 at 60 fps", true],
    [WEBCAM, { fps: 12 }, "mjpeg 1280x720 at 10 fps", true],
    [WEBCAM, { fps: 7.5 }, "mjpeg 1280x720 at 7.5 fps"],
    [modes("mjpeg 640x480 29.97", "yuyv422 640x480 30"), { fps: 30 }, "mjpeg 640x480 at 29.97 fps"],
    [modes("mjpeg 640x480 30", "yuyv422 640x480 60"), { fps: 60 }, "yuyv422 640x480 at 60 fps"],
    [modes("mjpeg 640x480 5-30"), { fps: 12 }, "mjpeg 640x480 at 12 fps"],
    [modes("mjpeg 640x480 5-30"), { fps: 2 }, "mjpeg 640x480 at 5 fps", true],
    [WEBCAM, { ...size(640, 480), fps: 15 }, "mjpeg 640x480 at 15 fps"],
    // Only MJPEG will do.
    [
      modes("mjpeg 640x480 15", "yuyv422 1280x720 60"),
      { fps: 60, mjpeg: true },
      "mjpeg 640x480 at 15 fps",
      true,
    ],
    [RAW, { mjpeg: true }, undefined],
    [[], {}, undefined],
  ];
  for (const [offered, wish, expected, isOther = false] of cases) {
    const choice = chooseMode(offered, wish);
    assertEquals(choice && selectedText(choice), expected, JSON.stringify(wish));
    if (choice !== undefined) assertEquals(differs(choice, wish), isOther, JSON.stringify(wish));
  }
});

test("requestText() says what was asked for", () => {
  const cases: [ModeRequest, string][] = [
    [size(1280, 720), "1280x720"],
    [{ ...size(1280, 720), fps: 29.97 }, "1280x720 at 29.97 fps"],
    [{ size: { height: 480 } }, "x480"],
    [{ fps: 7.5 }, "7.5 fps"],
  ];
  for (const [wish, text] of cases) assertEquals(requestText(wish), text);
});

test("sizesBetween() gives both ends and the usual sizes that the steps allow", () => {
  assertEquals(sizesBetween([640, 480], [640, 480]), [[640, 480]]);
  assertEquals(sizesBetween([640, 360], [1024, 768]), [[640, 360], [800, 600], [960, 540], [
    1024,
    768,
  ]]);
  assertEquals(sizesBetween([160, 120], [640, 480], [160, 120]), [[160, 120], [320, 240], [
    640,
    480,
  ]]);
});

test("mergeModes() lists a format and size once, with all rates from high to low", () => {
  const merged = mergeModes(modes("mjpeg 640x480 15", "nv12 640x480 5", "mjpeg 640x480 30 15"));
  assertEquals(merged, modes("mjpeg 640x480 30 15", "nv12 640x480 5"));
});
