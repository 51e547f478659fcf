// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { noSignal } from "../../lib/jpeg/no_signal.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { ffmpeg } from "../support/ffmpeg.ts";

const SINCE = Date.UTC(2026, 10, 21, 14, 3, 22);
const NOW = SINCE + 65_000;
const ADDRESS = "/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_0123ABCD-video-index0";

Deno.test({
  name: "noSignal() is as large as it is asked to be, whatever the size and the name",
  permissions: "none",
  fn() {
    const sizes = [[1280, 720], [640, 480], [320, 240], [160, 120], [17, 9], [1, 1], [8, 2000]];
    const names = [
      "Front door",
      "",
      " ",
      "x".repeat(1000),
      "a b ".repeat(300),
      ADDRESS,
      "\0\n\u{1f600}\ud800",
    ];
    for (const [width, height] of sizes) {
      for (const name of names) {
        const jpeg = noSignal(name, SINCE, NOW, { width, height });
        assertEquals(sizeOf(jpeg), { width, height });
        assertEquals(new JpegSplitter().push(jpeg).length, 1);
      }
    }
    const unlike: [number, number, number, number][] = [
      [1280, 0, 1280, 720],
      [0, 0, 1280, 720],
      [7680, 4320, 3840, 2160],
      [65_535, 65_535, 2048, 2048],
      [65_535, 1, 65_535, 1],
    ];
    for (const [width, height, ...made] of unlike) {
      const size = sizeOf(noSignal("x", SINCE, NOW, { width, height }));
      assertEquals([size?.width, size?.height], made);
    }
    assertEquals(sizeOf(noSignal("x", SINCE, NOW)), { width: 1280, height: 720 });
  },
});

Deno.test({
  name: "noSignal() tells the name, the time and how long ago",
  permissions: "none",
  fn() {
    const shown = (name: string, since = SINCE, now = NOW) => noSignal(name, since, now).toHex();
    const same: [string, string][] = [
      [shown("Front door"), shown("FRONT DOOR")],
      [shown("Büro"), shown("buro")],
      [shown("日本"), shown("??")],
      [shown("x", SINCE, SINCE - 5000), shown("x", SINCE, SINCE)], // a clock that was set back
      [shown("x", SINCE, NOW + 999), shown("x")],
    ];
    for (const [a, b] of same) assertEquals(a, b);
    const different = [
      shown("x"),
      shown("y"),
      shown("x", SINCE, NOW + 1000),
      shown("x", SINCE, NOW + 100 * 3_600_000),
      shown("x", SINCE + 1000, NOW + 1000),
    ];
    assertEquals(new Set(different).size, different.length);
  },
});

Deno.test("noSignal() is bright text in the middle of a dark picture", async () => {
  for (const [width, height] of [[1280, 720], [640, 480], [320, 240], [720, 1280]]) {
    for (const name of ["Front door", ADDRESS]) {
      const jpeg = noSignal(name, SINCE, NOW, { width, height });
      const raw = ["-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"];
      const pixels = await ffmpeg(["-f", "mjpeg", "-xerror", "-i", "pipe:0", ...raw], jpeg);
      const columns: number[] = [];
      const rows: number[] = [];
      pixels.forEach((level, index) => {
        if (level < 120) return;
        columns.push(index % width);
        rows.push(Math.floor(index / width));
      });
      assert(columns.length > 0.01 * pixels.length && columns.length < 0.2 * pixels.length);
      for (const [places, length] of [[columns, width], [rows, height]] as const) {
        const [first, last] = [
          places.reduce((a, b) => Math.min(a, b)),
          places.reduce((a, b) => Math.max(a, b)),
        ];
        assert(first > 0.03 * length && last < 0.97 * length, `${first} to ${last} of ${length}`);
        assert(Math.abs(first + last - length) < 0.1 * length, `${first} to ${last} of ${length}`);
      }
    }
  }
});
