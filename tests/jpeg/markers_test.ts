// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertMatch } from "@std/assert";
import { hasLength, Marker, refusalOf, sizeOf, standsAlone } from "../../lib/jpeg/markers.ts";
import { DHT, dqt, EOI, join, jpeg, SCAN, segment, sof, SOI, SOS } from "../support/jpegs.ts";
import { fuzz } from "../support/random.ts";

Deno.test({
  name: "standsAlone() and hasLength() know every marker",
  permissions: "none",
  fn() {
    // T.81 table B.1.
    const alone = [0x01, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7];
    const bounds = [Marker.SOI, Marker.EOI];
    for (let code = 0; code < 256; code++) {
      assertEquals(standsAlone(code), alone.includes(code), `${code}`);
      const withLength = code >= 0xc0 && code <= 0xfe && ![...alone, ...bounds].includes(code);
      assertEquals(hasLength(code), withLength, `${code}`);
    }
  },
});

Deno.test({
  name: "sizeOf() reads the frame header",
  permissions: "none",
  fn() {
    const thumbnail = segment(Marker.APP0 + 1, jpeg());
    const size = { width: 1920, height: 1081 };
    const cases: [string, Uint8Array, typeof size | undefined][] = [
      ["baseline", join(SOI, dqt(0), sof(1920, 1081), SOS, SCAN, EOI), size],
      ["the largest", join(SOI, sof(65_535, 65_535)), { width: 65_535, height: 65_535 }],
      ["a thumbnail first", join(SOI, thumbnail, sof(1920, 1081), SOS, EOI), size],
      ["fill bytes", join(SOI, 0xff, 0xff, dqt(0), 0xff, sof(1920, 1081), SOS, EOI), size],
      ["Huffman tables first", join(SOI, DHT, sof(1920, 1081), SOS, EOI), size],
      ...[0xc1, 0xc2, 0xc3, 0xc9, 0xcf].map((code): [string, Uint8Array, typeof size] => [
        `SOF ${code}`,
        join(SOI, sof(1920, 1081, code), SOS, EOI),
        size,
      ]),
      ["no frame header", join(SOI, dqt(0), SOS, SCAN, EOI), undefined],
      ["a frame header after the scan", join(SOI, SOS, SCAN, sof(), EOI), undefined],
      ["cut within the frame header", join(SOI, sof().subarray(0, 8)), undefined],
      ["a frame header that is too short", join(SOI, segment(0xc0, 8, 4, 0), SOS, EOI), undefined],
      ["a length of 0", join(SOI, 0xff, Marker.COM, 0, 0, sof()), undefined],
      ["no marker", join(SOI, 0x12, sof()), undefined],
      ["nothing", new Uint8Array(), undefined],
    ];
    for (const [name, bytes, expected] of cases) assertEquals(sizeOf(bytes), expected, name);
  },
});

Deno.test({
  name: "sizeOf() throws nothing, whatever it is given",
  permissions: "none",
  fn() {
    const cut = jpeg();
    for (let length = 0; length <= cut.length; length++) sizeOf(cut.subarray(0, length));
    fuzz(3000, (random) => void sizeOf(random.damaged(jpeg())));
  },
});

Deno.test({
  name: "refusalOf() refuses too many pixels, and a second frame header wherever it stands",
  permissions: "none",
  fn() {
    const tooMany = /^it has 65535x600 pixels, more than 33177600$/;
    const second = /^it has a second frame header$/;
    const cases: [string, Uint8Array, RegExp | undefined][] = [
      ["a picture", jpeg(), undefined],
      ["8K video", join(SOI, sof(7680, 4320), SOS, SCAN, EOI), undefined],
      ["several scans", join(SOI, sof(), SOS, SCAN, DHT, SOS, SCAN, EOI), undefined],
      ["a thumbnail", join(SOI, segment(Marker.APP0 + 1, jpeg()), sof(), SOS, EOI), undefined],
      ["no frame header", join(SOI, SOS, SCAN, EOI), undefined],
      ["nothing", new Uint8Array(), undefined],
      ["too many pixels", join(SOI, sof(65_535, 600), SOS, SCAN, EOI), tooMany],
      ["two frame headers", join(SOI, sof(), sof(8192, 8192), SOS, SCAN, EOI), second],
      ["a second one after the scan", join(SOI, sof(), SOS, SCAN, sof(), SOS, EOI), second],
      ["a second one of another kind", join(SOI, sof(), SOS, SCAN, sof(8, 8, 0xc2), EOI), second],
      ["too many after the scan", join(SOI, SOS, SCAN, sof(65_535, 600), SOS, EOI), tooMany],
    ];
    for (const [name, bytes, expected] of cases) {
      const refusal = refusalOf(bytes);
      if (expected === undefined) assertEquals(refusal, undefined, name);
      else assertMatch(refusal ?? "", expected, name);
    }
    assertMatch(refusalOf(jpeg(), 100) ?? "", /^it has 16x8 pixels, more than 100$/);
    fuzz(3000, (random) => void refusalOf(random.damaged(jpeg())));
  },
});
