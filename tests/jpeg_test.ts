// @ts-types="../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import type { Bytes } from "../lib/frame.ts";
import { fade, hasLength, Marker, sizeOf, standsAlone } from "../lib/jpeg.ts";
import { JpegSplitter } from "../lib/splitter.ts";
import { DHT, dqt, EOI, HEADER, join, jpeg, SCAN, segment, sof, SOI, SOS } from "./jpegs.ts";
import { ffmpeg } from "./programs.ts";
import { fuzz } from "./random.ts";

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

/** A picture as numbers: brightness and the two colours. */
type Planes = { y: Uint8Array; u: Uint8Array; v: Uint8Array };

const WIDTH = 96;
const HEIGHT = 64;
const BARS = ["-f", "lavfi", "-i", `smptehdbars=size=${WIDTH}x${HEIGHT}`, "-frames:v", "1"];

/** Test bars as a JPEG. */
async function bars(pixels: string): Promise<Bytes> {
  const encoder = ["-c:v", "mjpeg", "-pix_fmt", pixels, "-q:v", "5", "-f", "mjpeg", "pipe:1"];
  return join(await ffmpeg([...BARS, ...encoder]));
}

/** The pixels of some JPEGs of the same size, as ffmpeg decodes them. */
async function decode(...jpegs: Uint8Array[]): Promise<Planes[]> {
  const raw = ["-f", "rawvideo", "-pix_fmt", "yuvj444p", "pipe:1"];
  const pixels = await ffmpeg(["-f", "mjpeg", "-xerror", "-i", "pipe:0", ...raw], join(...jpegs));
  const size = WIDTH * HEIGHT;
  assertEquals(pixels.length, jpegs.length * 3 * size);
  const plane = (number: number) => pixels.subarray(number * size, (number + 1) * size);
  return jpegs.map((_, i) => ({ y: plane(3 * i), u: plane(3 * i + 1), v: plane(3 * i + 2) }));
}

/** How far a plane is from mid-grey, on average. */
function strength(plane: Uint8Array): number {
  return plane.reduce((sum, value) => sum + Math.abs(value - 128), 0) / plane.length;
}

/** The same JPEG with its tables changed, one DQT segment each. */
function withTables(
  jpeg: Uint8Array,
  change: (tables: Bytes[], frameHeader: Bytes) => (number | Uint8Array)[],
): Bytes {
  const tables: Bytes[] = [];
  const others: Bytes[] = [];
  let frameHeader = join();
  let at = 2;
  while (jpeg[at + 1] !== Marker.SOS) {
    const end = at + 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]);
    const content = join(jpeg.subarray(at + 4, end));
    if (jpeg[at + 1] === Marker.SOF0) frameHeader = content;
    else if (jpeg[at + 1] !== Marker.DQT) others.push(join(jpeg.subarray(at, end)));
    else for (let i = 0; i < content.length; i += 65) tables.push(content.slice(i, i + 65));
    at = end;
  }
  assert(tables.length > 0 && frameHeader.length > 0);
  return join(SOI, ...others, ...change(tables, frameHeader), jpeg.subarray(at));
}

/** A frame header with each component's table given. */
function usingTables(frameHeader: Uint8Array, ...tables: number[]): Bytes {
  const changed = join(frameHeader);
  tables.forEach((table, component) => changed[8 + 3 * component] = table);
  return segment(Marker.SOF0, changed);
}

/** The same table under another number. */
function numbered(number: number, table: Uint8Array): Bytes {
  return join(number, table.subarray(1));
}

const DQT = Marker.DQT;

const LAYOUTS: Record<string, (tables: Bytes[], header: Bytes) => (number | Uint8Array)[]> = {
  "a segment for each table": ([y, c = numbered(1, y)], header) => [
    ...[segment(DQT, y), segment(DQT, c), usingTables(header, 0, 1, 1)],
  ],
  "both tables in one segment": ([y, c = numbered(1, y)], header) => [
    ...[segment(DQT, y, c), usingTables(header, 0, 1, 1)],
  ],
  "one table for all components": ([y], header) => [segment(DQT, y), usingTables(header, 0, 0, 0)],
  "a table for each component": ([y], header) => [
    segment(DQT, y, numbered(1, y), numbered(2, y)),
    usingTables(header, 0, 1, 2),
  ],
  "tables numbered the other way round": ([y], header) => [
    segment(DQT, y, numbered(1, y)),
    usingTables(header, 1, 0, 0),
  ],
  "all four tables in use": ([y], header) => [
    segment(DQT, ...[0, 1, 2, 3].map((number) => numbered(number, y))),
    usingTables(header, 3, 1, 0),
  ],
  "tables after the frame header": ([y, c = numbered(1, y)], header) => [
    ...[usingTables(header, 0, 1, 1), segment(DQT, y), segment(DQT, c)],
  ],
  "a table of the luminance that is replaced before use": ([y], header) => [
    segment(DQT, numbered(0, new Uint8Array(65).fill(255)), numbered(1, y)),
    segment(DQT, y),
    usingTables(header, 0, 1, 1),
  ],
  "tables of 16 bits": ([y], header) => [
    segment(DQT, 0x10, ...[...y.subarray(1)].flatMap((entry) => [0, entry])),
    segment(DQT, 0x11, ...[...y.subarray(1)].flatMap((entry) => [0, entry])),
    usingTables(header, 0, 1, 1),
  ],
};

async function assertFades(name: string, original: Uint8Array): Promise<void> {
  const before = original.slice();
  const faded = fade(original);
  assertEquals(original, before, `${name}: changed the original`);
  assertEquals(new JpegSplitter().push(join(faded, faded)).length, 2, name);
  assertEquals(sizeOf(faded), sizeOf(original), name);
  const [was, is] = await decode(original, faded);
  const contrast = strength(is.y) / strength(was.y);
  assert(contrast > 0.4 && contrast < 0.6, `${name}: the contrast became ${contrast}`);
  // Bars of strong colours; a table of ones leaves less than a few levels of them.
  for (const plane of ["u", "v"] as const) {
    const colour = strength(is[plane]);
    assert(colour < 5 && colour <= strength(was[plane]), `${name}: ${plane} is still ${colour}`);
  }
}

Deno.test("fade() halves the contrast and takes the colours away", async () => {
  for (const pixels of ["yuvj420p", "yuvj422p", "yuvj444p"]) {
    const original = await bars(pixels);
    const [{ u, v }] = await decode(original);
    assert(strength(u) > 15 && strength(v) > 15, "there is colour to take away");
    await assertFades(pixels, original);
  }
});

for (const [name, layout] of Object.entries(LAYOUTS)) {
  Deno.test(`fade() halves the contrast and takes the colours away: ${name}`, async () => {
    await assertFades(name, withTables(await bars("yuvj420p"), layout));
  });
}

Deno.test("fade() fades a picture without colours, and one of a single component", async () => {
  const original = await bars("yuvj444p");
  await assertFades(
    "grey",
    join(await ffmpeg([...BARS, "-vf", "hue=s=0", "-f", "mjpeg", "pipe:1"])),
  );
  const convert = await imageMagick(original, "-colorspace", "Gray", "jpg:-");
  if (convert !== undefined) await assertFades("single", convert);
});

Deno.test("fade() fades a progressive JPEG, and one with optimised tables", async () => {
  const original = await bars("yuvj420p");
  for (const way of [["-interlace", "JPEG"], ["-sampling-factor", "1x1", "-quality", "75"]]) {
    const picture = await imageMagick(original, ...way, "jpg:-");
    if (picture !== undefined) await assertFades(way.join(" "), picture);
  }
});

/** Another encoder, where it is installed. */
async function imageMagick(input: Uint8Array, ...args: string[]): Promise<Bytes | undefined> {
  try {
    const command = new Deno.Command("convert", {
      args: ["-", ...args],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const fed = new Blob([input as Bytes]).stream().pipeTo(command.stdin);
    const [{ success, stdout }] = await Promise.all([command.output(), fed]);
    assert(success);
    return stdout;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test({
  name: "fade() leaves a thumbnail, and all after the scan header, as it is",
  permissions: "none",
  fn() {
    const thumbnail = segment(Marker.APP0 + 1, jpeg());
    const rest = join(SOS, SCAN, EOI);
    const faded = fade(join(SOI, thumbnail, HEADER.subarray(2), rest)).toHex();
    assert(faded.startsWith(join(SOI, thumbnail).toHex()));
    assert(faded.endsWith(rest.toHex()));
  },
});

Deno.test({
  name: "fade() halves entries of 16 bits, and none to 0",
  permissions: "none",
  fn() {
    const table = (...entry: number[]) => segment(DQT, 0x10, ...Array(64).fill(entry).flat());
    const faded = fade(join(SOI, table(0x03, 0x04), table(0, 1), sof(), SOS, SCAN, EOI)).toHex();
    assert(faded.startsWith(join(SOI, table(0x01, 0x82), table(0, 1)).toHex()));
  },
});

Deno.test({
  name: "fade() and sizeOf() throw nothing, whatever they are given",
  permissions: "none",
  fn() {
    const cut = jpeg();
    for (let length = 0; length <= cut.length; length++) {
      assert(fade(cut.subarray(0, length)).length >= length);
      sizeOf(cut.subarray(0, length));
    }
    const progressive = join(SOI, dqt(0x10), dqt(1), sof(8, 8, 0xc2), DHT, SOS, SCAN, SOS, EOI);
    fuzz(3000, (random) => {
      const damaged = random.damaged(random.pick([jpeg(), progressive]));
      const before = damaged.slice();
      assert(fade(damaged).length >= damaged.length);
      sizeOf(damaged);
      assertEquals(damaged, before);
    });
  },
});
