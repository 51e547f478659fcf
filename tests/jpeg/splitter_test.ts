// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Frame } from "../../lib/jpeg/frame.ts";
import { HUFFMAN_TABLES } from "../../lib/jpeg/huffman.ts";
import { Marker } from "../../lib/jpeg/markers.ts";
import { splitJpegs } from "../../lib/jpeg/split_jpegs.ts";
import { JpegSplitter, type SplitterOptions } from "../../lib/jpeg/splitter.ts";
import {
  DHT,
  dqt,
  EOI,
  ffmpegJpegs,
  HEADER,
  join,
  jpeg,
  multiPicture,
  SCAN,
  segment,
  sof,
  SOI,
  SOS,
  withoutHuffmanTables,
} from "../support/jpegs.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { fuzz, Random } from "../support/random.ts";
import { Time } from "../support/time.ts";

/** A stream, and what is to come of it. All of it that is in no frame is skipped. */
interface Shape {
  name: string;
  stream: Uint8Array;
  frames: Uint8Array[];
  dropped?: number;
  /** What the frames hold that the stream does not. */
  insertedBytes?: number;
  options?: SplitterOptions;
}

const A = jpeg(join(0xaa, SCAN));
const B = jpeg(join(0xbb, SCAN, 0xbb, 0xbb));
const ZEROS = new Uint8Array(300);
/** More than any length in a segment can skip. */
const BIG = jpeg(new Uint8Array(66_000));

const THUMBNAIL = segment(Marker.APP0 + 1, 0x45, 0x78, jpeg(), 0, 0);
const LONGEST_SEGMENT = segment(Marker.COM, new Uint8Array(65_531), EOI);
const CUT_SEGMENT = segment(Marker.COM, new Uint8Array(60)).subarray(0, 40);

/** A picture whose camera leaves EOI out. */
const OPEN = join(HEADER, SOS, SCAN, 0xcc);
/** What stands before a picture in a multipart stream. */
const PART = text("\r\n--boundary\r\nContent-Type: image/jpeg\r\n\r\n");
/** A picture that is followed by two of {@linkcode B}. */
const MULTI = multiPicture(B.length, 2);

function text(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A shape of pictures without EOI, and one with it at the end. */
function withoutEoi(name: string, open: Uint8Array[], last: Uint8Array): Shape {
  const frames: Uint8Array[] = [];
  for (const part of open) {
    if (part[0] === 0xff) frames.push(part);
    else frames.push(join(frames.pop()!, part)); // padding belongs to the picture data
  }
  return {
    name,
    stream: join(...open, last),
    frames: [...frames.map((frame) => join(frame, EOI)), last],
    insertedBytes: 2 * frames.length,
  };
}

/** A shape of one frame between two others. */
function whole(name: string, frame: Uint8Array): Shape {
  return { name, stream: join(A, frame, B), frames: [A, frame, B] };
}

/** A shape of one frame that lacks its Huffman tables after `header`, between two others. */
function repaired(name: string, ...header: (number | Uint8Array)[]): Shape {
  const scan = join(SOS, SCAN, EOI);
  const frame = join(...header, scan);
  return {
    name,
    stream: join(A, frame, frame, B),
    frames: [A, join(...header, HUFFMAN_TABLES, scan), join(...header, HUFFMAN_TABLES, scan), B],
    insertedBytes: 2 * HUFFMAN_TABLES.length,
  };
}

/** A shape with a frame that broke off, or nonsense, between two frames. */
function broken(name: string, ...parts: (number | Uint8Array)[]): Shape {
  return { name, stream: join(A, ...parts, B), frames: [A, B], dropped: 1 };
}

/** A shape with something between two frames that is no frame. */
function between(name: string, ...parts: (number | Uint8Array)[]): Shape {
  return { ...broken(name, ...parts), dropped: 0 };
}

const SHAPES: Shape[] = [
  whole("a baseline JPEG", jpeg()),
  whole("no entropy-coded data", jpeg(new Uint8Array())),
  whole("a thumbnail, itself a JPEG", join(SOI, THUMBNAIL, HEADER.subarray(2), SOS, SCAN, EOI)),
  whole("EOI in a comment", join(SOI, segment(Marker.COM, EOI, 1), SOS, SCAN, EOI)),
  whole("SOI in a comment", join(SOI, segment(Marker.COM, SOI, 0xff), SOS, SCAN, EOI)),
  whole("EOI in a table between scans", join(HEADER, SOS, segment(Marker.COM, EOI), SOS, EOI)),
  whole("an empty segment", join(SOI, segment(Marker.COM), SOS, SCAN, EOI)),
  whole("a segment of the largest length", join(SOI, LONGEST_SEGMENT, SOS, SCAN, EOI)),
  repaired("no Huffman tables, as from webcams", SOI, dqt(0), dqt(1), sof()),
  repaired("no Huffman tables, but in a thumbnail", SOI, THUMBNAIL, dqt(0), sof()),
  repaired("no Huffman tables, and fill bytes", SOI, 0xff, sof(), 0xff, 0xff),
  repaired("no Huffman tables, and a long header", SOI, LONGEST_SEGMENT, sof()),
  whole("Huffman tables before the frame header", join(SOI, DHT, sof(), SOS, SCAN, EOI)),
  whole("arithmetic coding", join(SOI, dqt(0), sof(16, 8, 0xc9), SOS, SCAN, EOI)),
  whole(
    "restart markers",
    join(
      HEADER,
      segment(0xdd, 0, 1),
      SOS,
      ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [SCAN, Uint8Array.of(0xff, Marker.RST0 + n)]),
      EOI,
    ),
  ),
  whole(
    "several scans, and tables between them",
    join(SOI, dqt(0), sof(16, 8, 0xc2), DHT, SOS, SCAN, DHT, SOS, SCAN, SCAN, SOS, EOI),
  ),
  whole(
    "the number of lines after the first scan",
    join(HEADER, SOS, SCAN, segment(0xdc, 0, 8), EOI),
  ),
  whole("fill bytes in the header", join(SOI, 0xff, 0xff, dqt(0), 0xff, SOS, SCAN, EOI)),
  whole("fill bytes before EOI", join(HEADER, SOS, SCAN, 0xff, 0xff, 0xff, EOI)),
  whole("fill bytes before a restart", join(HEADER, SOS, SCAN, 0xff, 0xff, 0xff, 0xd3, SCAN, EOI)),
  whole("fill bytes before a second scan", join(HEADER, SOS, SCAN, 0xff, SOS, SCAN, EOI)),
  whole("stuffed FF at either end of a scan", jpeg(Uint8Array.of(0xff, 0, 1, 0xff, 0, 0xff, 0))),
  whole("all that looks like D8 and D9", jpeg(Uint8Array.of(0xd8, 0xd9, 0xff, 0, 0xd9, 0xd8))),

  between("nothing"),
  between("zeros", ZEROS),
  between("a single zero", 0),
  between("text", new TextEncoder().encode("--boundary\r\nContent-Type: image/jpeg\r\n\r\n")),
  between("an FF", 0xff),
  between("many FF", 0xff, 0xff, 0xff),
  between("stuffed FF", 0xff, 0, 0xff, 0),
  between("an EOI", EOI),
  between("SOI that no marker follows", SOI, 0x12, SOI, 0),
  between("a D8 without its FF", 0xd8, 0xff, 0xfe, 0xff),
  between("entropy-coded data and its EOI", SCAN, EOI),
  {
    name: "garbage before the first frame",
    stream: join(SCAN, EOI, ZEROS, 0xff, A, B),
    frames: [A, B],
  },

  broken("SOI twice", SOI),
  broken("SOI, then a fill byte, then SOI", SOI, 0xff),
  broken("EOI right after SOI", SOI, EOI),
  broken("EOI before any scan", HEADER, EOI),
  broken("a marker that is reserved", SOI, 0xff, 0x02),
  broken("a stuffed FF in the header", SOI, 0xff, 0x00),
  broken("a segment of length 0", SOI, 0xff, Marker.COM, 0, 0),
  broken("a segment of length 1", SOI, 0xff, Marker.COM, 0, 1),
  broken("a scan header of length 0", HEADER, 0xff, Marker.SOS, 0, 0, SCAN, EOI),
  broken("a segment that no marker follows", SOI, dqt(0), 0x12, SOS.subarray(1), SCAN, EOI),
  broken("a header cut between segments", SOI, dqt(0)),
  broken("a header cut between segments, then zeros", SOI, dqt(0), ZEROS),
  broken("a length that leads into the next frame", SOI, CUT_SEGMENT),
  broken("a header cut after a thumbnail", SOI, THUMBNAIL),
  broken("a scan cut", HEADER, SOS, SCAN),
  broken("a scan cut within a stuffed FF", HEADER, SOS, SCAN, 0xff),
  broken("a scan header cut", HEADER, SOS.subarray(0, 8)),
  broken("a scan cut, then zeros", HEADER, SOS, SCAN, ZEROS),
  broken("a reserved marker within a scan", HEADER, SOS, SCAN, 0xff, 0x02, SCAN, EOI),
  {
    name: "a header cut before the length of a segment",
    stream: join(A, SOI, 0xff, Marker.COM, B, BIG, BIG, A),
    frames: [A, B, BIG, BIG, A],
    dropped: 1,
  },
  {
    name: "a header cut within the length of a segment",
    stream: join(A, SOI, 0xff, Marker.COM, 0x10, B, BIG, A),
    frames: [A, B, BIG, A],
    dropped: 1,
  },
  {
    name: "a scan header cut before its length",
    stream: join(A, HEADER, 0xff, Marker.SOS, B, BIG, BIG, A),
    frames: [A, B, BIG, BIG, A],
    dropped: 1,
  },
  {
    name: "a scan header cut within its length",
    stream: join(A, HEADER, 0xff, Marker.SOS, 0, B, A, A),
    frames: [A, B, A, A],
    dropped: 1,
  },
  {
    name: "a length that ends at a stuffed FF of a later frame",
    stream: join(A, SOI, 0xff, Marker.COM, 0, 2 + B.lastIndexOf(0xff, -3), B, A),
    frames: [A, B, A],
    dropped: 1,
  },
  {
    name: "two frames cut in a row",
    stream: join(A, HEADER, SOS, SCAN, SOI, dqt(0), A),
    frames: [A, A],
    dropped: 2,
  },

  withoutEoi("no EOI, one after another", [OPEN, OPEN, OPEN], A),
  withoutEoi("no EOI, and zeros after the picture", [OPEN, ZEROS, OPEN, ZEROS], A),
  {
    name: "no EOI, and parts with headers",
    stream: join(PART, OPEN, PART, OPEN, PART, A),
    frames: [join(OPEN, EOI), join(OPEN, EOI), A],
    insertedBytes: 4,
  },
  {
    name: "no EOI at the end of a part, in a stream that writes it",
    stream: join(PART, A, PART, OPEN, PART, B),
    frames: [A, join(OPEN, EOI), B],
    insertedBytes: 2,
  },
  {
    name: "no EOI, and part headers without a delimiter",
    stream: join(A, OPEN, text("\r\nContent-Type: image/jpeg\r\n\r\n"), B),
    frames: [A, join(OPEN, EOI), B],
    insertedBytes: 2,
  },
  {
    name: "no EOI, and other bytes than text before the next frame",
    stream: join(A, OPEN, text("\r\nContent-Type: image/jpeg\r\n\r\n"), 0x80, B),
    frames: [A, B],
    dropped: 1,
  },

  {
    name: "two further pictures that the first one announces",
    stream: join(MULTI, B, B, MULTI, B, B, A, B),
    frames: [MULTI, MULTI, A, B],
  },
  {
    name: "a further picture that is announced and not there",
    stream: join(MULTI, MULTI, B, B, B),
    frames: [MULTI, MULTI, B],
  },
  broken("a second frame header", SOI, sof(), DHT, sof(), SOS, SCAN, EOI),
  broken("a second frame header after the scan", HEADER, SOS, SCAN, sof(), SOS, SCAN, EOI),
  broken("more pixels than 8K video has", SOI, sof(7680, 4321), DHT, SOS, SCAN, EOI),
  whole("as many pixels as 8K video", join(SOI, sof(7680, 4320), DHT, SOS, SCAN, EOI)),
  {
    name: "more pixels than are let through",
    stream: join(A, B, ZEROS),
    frames: [],
    dropped: 2,
    options: { maxPixels: 127 },
  },

  {
    name: "a frame of exactly the longest length",
    stream: join(A, B, A),
    frames: [A, B, A],
    options: { maxFrameBytes: B.length },
  },
  {
    name: "a frame that is a byte too long",
    stream: join(A, B, A),
    frames: [A, A],
    dropped: 1,
    options: { maxFrameBytes: B.length - 1 },
  },
  {
    name: "a frame that is much too long",
    stream: join(A, BIG, B),
    frames: [A, B],
    dropped: 1,
    options: { maxFrameBytes: 1000 },
  },
  {
    name: "a header that is too long",
    stream: join(
      A,
      SOI,
      dqt(0),
      segment(Marker.COM, ZEROS),
      segment(Marker.COM, ZEROS),
      SOS,
      EOI,
      B,
    ),
    frames: [A, B],
    dropped: 1,
    options: { maxFrameBytes: 400 },
  },
];

/** What came of a stream, to be compared. */
interface Outcome {
  frames: string[];
  skippedBytes: number;
  droppedFrames: number;
}

/** Puts all chunks through a splitter, by `push()` or by `space()` and `commit()`. */
function split(
  chunks: Iterable<Uint8Array>,
  { by, ...options }: SplitterOptions & { by: "push" | "commit" },
): Outcome {
  let told = 0;
  const onDropped = (reason: string) => {
    assertMatch(reason, /^it /);
    told++;
  };
  const splitter = new JpegSplitter({ ...options, onDropped });
  const frames: string[] = [];
  for (const chunk of chunks) {
    const done = by === "push" ? splitter.push(chunk) : commit(splitter, chunk);
    for (const frame of done) {
      frames.push(frame.jpeg.toHex());
      frame.release();
    }
  }
  const { skippedBytes, droppedFrames } = splitter;
  assertEquals(told, droppedFrames);
  return { frames, skippedBytes, droppedFrames };
}

/** Lets a splitter read `chunk`, as far as there is space at a time. */
function commit(splitter: JpegSplitter, chunk: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < chunk.length;) {
    const space = splitter.space();
    const part = chunk.subarray(at, at + space.length);
    space.set(part);
    frames.push(...splitter.commit(part.length));
    at += part.length;
  }
  return frames;
}

function expected({ stream, frames, dropped = 0, insertedBytes = 0 }: Shape): Outcome {
  const framed = frames.reduce((sum, { length }) => sum + length, 0) - insertedBytes;
  return {
    frames: frames.map((frame) => frame.toHex()),
    skippedBytes: stream.length - framed,
    droppedFrames: dropped,
  };
}

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Every size for what is short; for what is long, small ones, large ones and odd ones. */
function chunkSizes(length: number): number[] {
  return length < 2000
    ? Array.from({ length }, (_, index) => index + 1)
    : [1, 2, 3, 7, 64, 1021, 4096, 32_768, 65_536, 100_003, length];
}

for (const shape of SHAPES) {
  Deno.test({
    name: `JpegSplitter finds the frames whatever the chunks: ${shape.name}`,
    permissions: "none",
    fn() {
      for (const by of ["push", "commit"] as const) {
        const options = { by, ...shape.options };
        for (const size of chunkSizes(shape.stream.length)) {
          const outcome = split(chunksOf(shape.stream, size), options);
          assertEquals(outcome, expected(shape), `${by}, chunks of ${size} bytes`);
        }
        fuzz(
          20,
          (random) => assertEquals(split(random.pieces(shape.stream), options), expected(shape)),
        );
      }
    },
  });
}

Deno.test({
  name: "JpegSplitter gives a frame out at its last byte",
  permissions: "none",
  fn() {
    const splitter = new JpegSplitter();
    assertEquals(splitter.push(A.subarray(0, -1)).length, 0);
    assertEquals(splitter.push(A.subarray(-1)).length, 1);
  },
});

Deno.test({
  name: "JpegSplitter dates a frame by the chunk it began in",
  permissions: "none",
  fn() {
    const splitter = new JpegSplitter();
    const times = [
      ...splitter.push(join(A, B.subarray(0, 10)), 1000),
      ...splitter.push(B.subarray(10, 20), 2000),
      ...splitter.push(join(B.subarray(20), ZEROS), 3000),
      ...splitter.push(A, 4000),
    ].map(({ time }) => time);
    assertEquals(times, [1000, 1000, 4000]);
  },
});

Deno.test({
  name: "JpegSplitter leaves frames alone that were given out",
  permissions: "none",
  fn() {
    const splitter = new JpegSplitter();
    const frames = Array.from(chunksOf(join(A, B, BIG, A, B), 100))
      .flatMap((chunk) => splitter.push(chunk));
    assertEquals(frames.map(({ jpeg }) => jpeg.toHex()), [A, B, BIG, A, B].map((f) => f.toHex()));
  },
});

Deno.test({
  name: "JpegSplitter takes no memory for a frame that is too long",
  permissions: "none",
  fn() {
    const maxFrameBytes = 100_000;
    const endless = {
      "scan": [join(HEADER, SOS), new Uint8Array(10_000).fill(0x55)],
      "restarts": [join(HEADER, SOS), new Uint8Array(10_000).map((_, i) => i & 1 ? 0xd0 : 0xff)],
      "header": [SOI, LONGEST_SEGMENT],
      "fill bytes": [SOI, new Uint8Array(10_000).fill(0xff)],
      "scans": [HEADER, join(SOS, SCAN)],
      "zeros": [new Uint8Array(), ZEROS],
    };
    for (const [name, [start, rest]] of Object.entries(endless)) {
      const splitter = new JpegSplitter({ maxFrameBytes });
      splitter.push(start);
      let largest = 0;
      for (let sum = 0; sum < 20 * maxFrameBytes; sum += rest.length) {
        assertEquals(splitter.push(rest), []);
        largest = Math.max(largest, splitter.space().buffer.byteLength);
      }
      // The frame, a segment that may lie across its end, and doubling.
      assert(largest <= 4 * (maxFrameBytes + LONGEST_SEGMENT.length), `${name}: ${largest} bytes`);
      assertEquals(splitter.push(A).map(({ jpeg }) => jpeg.length), [A.length], name);
    }
  },
});

Deno.test("JpegSplitter finds the frames of real encoders whatever the chunks", async () => {
  const frames = [
    ...await ffmpegJpegs("640x480", 3),
    ...await ffmpegJpegs("161x121", 2),
    ...await ffmpegJpegs("33x17", 2, ["-huffman", "default"]),
    ...await ffmpegJpegs("1920x1080", 2, ["-q:v", "2"]),
  ];
  const shape = { name: "", stream: join(...frames), frames };
  for (const by of ["push", "commit"] as const) {
    for (const size of [7, 1021, 4096, 65_536, 1_000_003]) {
      assertEquals(split(chunksOf(shape.stream, size), { by }), expected(shape));
    }
    fuzz(3, (random) => assertEquals(split(random.pieces(shape.stream), { by }), expected(shape)));
  }
});

Deno.test("JpegSplitter repairs real frames without Huffman tables, bit-exactly", async () => {
  const frames = [
    ...await ffmpegJpegs("640x480", 3, ["-huffman", "default"]),
    ...await ffmpegJpegs("161x121", 2, ["-huffman", "default", "-pix_fmt", "yuvj422p"]),
  ];
  const bare = frames.map(withoutHuffmanTables);
  bare.forEach((frame, index) => assertEquals(frames[index].length - frame.length, 420));
  const splitter = new JpegSplitter();
  const repaired = [...chunksOf(join(...bare), 65_536)].flatMap((chunk) => splitter.push(chunk));
  assertEquals(repaired.length, frames.length);
  for (const [index, frame] of frames.entries()) {
    assertEquals(await pixelsOf(repaired[index].jpeg), await pixelsOf(frame));
  }
});

/** A JPEG decoded, as a checksum. */
async function pixelsOf(jpeg: Uint8Array): Promise<string> {
  const input = ["-f", "mjpeg", "-xerror", "-i", "pipe:0"];
  return new TextDecoder().decode(await ffmpeg([...input, "-f", "md5", "pipe:1"], jpeg));
}

Deno.test("JpegSplitter gets over any damage", async () => {
  const frames = [
    ...[A, B, jpeg(new Uint8Array(500)), join(SOI, THUMBNAIL, HEADER.subarray(2), SOS, SCAN, EOI)],
    ...await ffmpegJpegs("64x48", 2),
  ];
  const rounds = 2500;
  let firstRecovered = 0;
  fuzz(rounds, (random) => {
    const splitter = new JpegSplitter({ maxFrameBytes: 100_000 });
    const damaged = random.damaged(join(...[1, 2, 3].map(() => random.pick(frames))));
    const first = random.pick(frames);
    const second = random.pick(frames);
    const found: string[] = [];
    // The zeros end the wait for what a damaged length promises.
    for (const chunk of [...random.pieces(join(damaged, first, second)), new Uint8Array(66_000)]) {
      for (const frame of splitter.push(chunk)) {
        const hex = frame.jpeg.toHex();
        assert(hex.startsWith("ffd8ff") && hex.endsWith("ffd9"), hex);
        found.push(hex);
        frame.release();
      }
      assert(splitter.space().buffer.byteLength <= 4 * 166_000);
    }
    assertEquals(found.pop(), second.toHex());
    if (found.pop() === first.toHex()) firstRecovered++;
  });
  // A damaged length may claim the first bytes of a frame as its own, now and then.
  assert(firstRecovered > 0.98 * rounds, `${firstRecovered} of ${rounds}`);
});

Deno.test({
  name: "splitJpegs() reads chunks, and from readers into its own memory",
  permissions: "none",
  async fn() {
    const stream = join(SCAN, A, ZEROS, B);
    const random = new Random(1);
    const pieces = [...random.pieces(stream)];
    let at = 0;
    const reader = {
      read(into: Uint8Array): Promise<number | null> {
        const part = stream.subarray(at, at + Math.min(into.length, 100));
        into.set(part);
        at += part.length;
        return Promise.resolve(part.length > 0 ? part.length : null);
      },
    };
    for (const source of [ReadableStream.from(pieces), reader]) {
      const splitter = new JpegSplitter();
      const frames = await Array.fromAsync(splitJpegs(source, splitter));
      assertEquals(frames.map(({ jpeg }) => jpeg.toHex()), [A, B].map((frame) => frame.toHex()));
      assertEquals(splitter.skippedBytes, stream.length - A.length - B.length);
    }
  },
});

/** A reader that gives a chunk at a time, when it is told to. */
class Tap {
  #chunks: Promise<Uint8Array>[] = [];
  #waiting: PromiseWithResolvers<Uint8Array>[] = [];

  give(chunk: Uint8Array): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#chunks.push(Promise.resolve(chunk));
    else waiting.resolve(chunk);
  }

  async read(into: Uint8Array): Promise<number | null> {
    let chunk = this.#chunks.shift();
    if (chunk === undefined) {
      const waiting = Promise.withResolvers<Uint8Array>();
      this.#waiting.push(waiting);
      chunk = waiting.promise;
    }
    const bytes = await chunk;
    into.set(bytes);
    return bytes.length > 0 ? bytes.length : null;
  }
}

Deno.test("splitJpegs() ends a frame without EOI at a pause, and at the end", async () => {
  using time = new Time();
  const tap = new Tap();
  const frames = splitJpegs(tap);
  tap.give(join(PART, OPEN, PART.subarray(0, 12)));
  const first = frames.next();
  await time.pass(200);
  assertEquals((await first).value?.jpeg.toHex(), join(OPEN, EOI).toHex());
  // The read was pending all the time: what it brings is put where it belongs.
  const second = frames.next();
  tap.give(join(PART.subarray(12), OPEN));
  await time.pass(200);
  assertEquals((await second).value?.jpeg.toHex(), join(OPEN, EOI).toHex());
  const third = frames.next();
  tap.give(OPEN);
  tap.give(new Uint8Array());
  assertEquals((await third).value?.jpeg.toHex(), join(OPEN, EOI).toHex());
  assertEquals(await frames.next(), { done: true, value: undefined });
});

Deno.test("splitJpegs() waits for the rest of a frame in a stream that writes EOI", async () => {
  using time = new Time();
  const tap = new Tap();
  const frames = splitJpegs(tap);
  tap.give(join(A, OPEN));
  assertEquals((await frames.next()).value?.jpeg.toHex(), A.toHex());
  const second = frames.next();
  await time.pass(1000);
  tap.give(EOI);
  assertEquals((await second).value?.jpeg.toHex(), join(OPEN, EOI).toHex());
  const third = frames.next();
  tap.give(OPEN);
  tap.give(new Uint8Array());
  assertEquals(await third, { done: true, value: undefined });
});
