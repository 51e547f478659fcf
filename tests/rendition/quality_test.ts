// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { qscaleOf } from "../../lib/rendition/quality.ts";
import { dqt, EOI, ffmpegJpegs, HEADER, join, SCAN, SOI, SOS } from "../support/jpegs.ts";

Deno.test("qscaleOf() finds the -q:v that ffmpeg encoded with", async () => {
  for (const qscale of [2, 5, 10, 18, 31]) {
    const [jpeg] = await ffmpegJpegs("320x240", 1, ["-q:v", `${qscale}`]);
    const found = qscaleOf(jpeg)!;
    assert(Math.abs(found - qscale) <= 0.15 * qscale, `${qscale}: ${found}`);
  }
});

Deno.test({
  name: "qscaleOf() reads tables of 8 and 16 bits, and bears what is none",
  permissions: "none",
  fn() {
    const coarse = new Uint8Array(128).map((_, index) => index % 2);
    const wide = join(SOI, 0xff, 0xdb, 0, 131, 0x10, coarse, SOS, SCAN, EOI);
    const narrow = join(SOI, dqt(0, 1), SOS, SCAN, EOI);
    assertEquals(qscaleOf(wide), qscaleOf(narrow));
    assertEquals(qscaleOf(join(SOI, SOS, SCAN, EOI)), undefined);
    assertEquals(qscaleOf(join(SOI, 0xff, 0xdb, 0, 10, 0, new Uint8Array(7), SOS)), undefined);
    assertEquals(qscaleOf(join(SOI, 0xff, 0xdb, 0, 2, SOS, SCAN, EOI)), undefined);
    assertEquals(qscaleOf(new Uint8Array()), undefined);
    for (let end = 0; end < HEADER.length; end++) qscaleOf(HEADER.subarray(0, end));
  },
});
