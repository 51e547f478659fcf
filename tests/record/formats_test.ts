// What ffmpeg's own readers find in our recordings.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { formatOf } from "../../lib/record/formats.ts";
import { ffmpegJpegs, join } from "../support/jpegs.ts";
import { Folder } from "../support/folder.ts";
import { Random } from "../support/random.ts";
import { ffprobe, mux, picturesIn, type Timed, timesIn } from "../support/recordings.ts";

const MKV = formatOf("x.mkv")!;
const MP4 = formatOf("X.MP4")!;
const START = Date.UTC(2026, 10, 21, 18, 26, 47) + 123.456;

const jpegs = await ffmpegJpegs("64x48", 12);

/** Frames of irregular spacing for `ms`, with a pause of 40 s in the middle of long ones. */
function irregular(ms: number, random = new Random(1)): Timed[] {
  const frames: Timed[] = [];
  let hasPaused = ms < 100_000;
  for (let timeMs = START; timeMs < START + ms; timeMs += 1 + random.below(200) + 1 / 3) {
    if (!hasPaused && timeMs > START + ms / 2) {
      timeMs += 40_000;
      hasPaused = true;
    }
    frames.push({ timeMs, jpeg: random.pick(jpegs) });
  }
  return frames;
}

function assertTimes(times: number[], frames: Timed[]): void {
  assertEquals(times.length, frames.length);
  const worst = Math.max(
    ...frames.map(({ timeMs }, index) => Math.abs(times[index] - (timeMs - START))),
  );
  assert(worst <= 1, `times are ${worst} ms off`);
}

for (const format of [MKV, MP4]) {
  const { extension } = format;
  for (const isFinished of [true, false]) {
    const state = isFinished ? "" : " that was not finished";
    Deno.test(`ffprobe reads every time in 10 minutes of ${extension}${state}`, async () => {
      await using folder = new Folder();
      const path = `${folder.path}/x${extension}`;
      const frames = irregular(600_000);
      await Deno.writeFile(path, mux(format, frames, isFinished).bytes);
      const { packets, streams, format: { duration } } = await ffprobe(path);
      assertTimes(packets.map(({ pts_time }) => Number(pts_time) * 1000), frames);
      assert(packets.every(({ flags }) => flags.startsWith("K")));
      const [{ codec_name, width, height }] = streams;
      assertEquals([codec_name, width, height], ["mjpeg", 64, 48]);
      if (isFinished) {
        const lastMs = frames.at(-1)!.timeMs - START;
        const pastLast = Number(duration) * 1000 - lastMs;
        assert(pastLast > 0 && pastLast < 1000, `${duration} s`);
      }
    });
  }

  Deno.test(`the pictures in a ${extension} are the JPEGs, byte for byte`, async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x${extension}`;
    const frames = irregular(10_000);
    await Deno.writeFile(path, mux(format, frames, true).bytes);
    assertEquals(await picturesIn(path), join(...frames.map(({ jpeg }) => jpeg)));
  });

  Deno.test(`ffprobe seeks in a finished ${extension}`, async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x${extension}`;
    const frames = irregular(60_000);
    await Deno.writeFile(path, mux(format, frames, true).bytes);
    for (const second of [5, 30, 55]) {
      const { packets } = await ffprobe(path, ["-read_intervals", `${second}%+#1`]);
      const found = Number(packets[0].pts_time);
      assert(found <= second && found > second - 1, `${found} s instead of ${second} s`);
    }
  });

  Deno.test(`a ${extension} cut anywhere has all frames of its whole chunks`, async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x${extension}`;
    const random = new Random(2);
    const frames = irregular(6000);
    const { bytes, ends } = mux(format, frames, false);
    const edges = ends.slice(0, 4).flatMap(({ at }) => [at, at + 1, at + 5, at + 40]);
    const cuts = Array.from({ length: 24 }, () => {
      return ends[0].at + random.below(bytes.length - ends[0].at);
    });
    for (const cut of [...edges, ...cuts]) {
      await Deno.writeFile(path, bytes.subarray(0, cut));
      const whole = ends.findLast(({ at }) => at <= cut)!.frames;
      const begun = ends.find(({ at }) => at > cut)?.frames ?? whole;
      const times = await timesIn(path);
      assert(times.length >= whole && times.length <= begun, `${times.length} frames of ${whole}`);
      assertTimes(times.slice(0, whole), frames.slice(0, whole));
    }
  });

  Deno.test(`a ${extension} may go on with larger pictures`, async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x${extension}`;
    const larger = await ffmpegJpegs("128x96", 5);
    const frames = [...jpegs.slice(0, 5), ...larger].map((jpeg, index) => ({
      timeMs: START + index * 100,
      jpeg,
    }));
    await Deno.writeFile(path, mux(format, frames, true).bytes);
    assertEquals(await decodedSizes(path), [
      ...Array(5).fill("64,48"),
      ...Array(5).fill("128,96"),
    ]);
  });
}

async function decodedSizes(path: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ffprobe", {
    args: ["-v", "error", "-show_entries", "frame=width,height", "-of", "csv=p=0", path],
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("a .mkv has its time of capture, to the microsecond", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.mkv`;
  await Deno.writeFile(path, mux(MKV, irregular(1000), true).bytes);
  const { format: { tags } } = await ffprobe(path);
  assertEquals(tags?.creation_time, "2026-11-21T18:26:47.123456Z");
});

/** The elements from `at` to `end`, with the ID, where it begins, and its content. */
function elements(bytes: Uint8Array, at: number, end: number) {
  const found: { id: number; at: number; from: number; to: number }[] = [];
  while (at < end) {
    const begin = at;
    const idBytes = Math.clz32(bytes[at]) - 23;
    const id = parseInt(bytes.subarray(at, at += idBytes).toHex(), 16);
    const sizeBytes = Math.clz32(bytes[at]) - 23;
    const marked = BigInt(`0x${bytes.subarray(at, at += sizeBytes).toHex()}`);
    const length = Number(marked & (1n << BigInt(7 * sizeBytes)) - 1n);
    found.push({ id, at: begin, from: at, to: at += length });
  }
  assertEquals(at, end);
  return found;
}

Deno.test({
  name: "in a finished .mkv sizes add up, and positions point at what they say",
  permissions: "none",
  fn() {
    const { bytes, ends } = mux(MKV, irregular(5000), true);
    const integer = ({ from, to }: { from: number; to: number }) =>
      parseInt(bytes.subarray(from, to).toHex(), 16);
    const inside = ({ from, to }: { from: number; to: number }) => elements(bytes, from, to);
    const [, segment] = elements(bytes, 0, bytes.length);
    const content = inside(segment);
    const ids = content.map(({ id }) => id.toString(16));
    const clusters = ends.map(() => "1f43b675");
    assertEquals(ids, ["114d9b74", "1549a966", "1654ae6b", ...clusters, "1c53bb6b"]);
    for (const seek of inside(content[0])) {
      const [seekId, position] = inside(seek).map(integer);
      assertEquals(content.find(({ id }) => id === seekId)?.at, segment.from + position);
    }
    const cues = inside(content.at(-1)!).map((point) => {
      const [, positions] = inside(point);
      return segment.from + integer(inside(positions)[1]);
    });
    assertEquals(cues, content.filter(({ id }) => id === 0x1f43b675).map(({ at }) => at));
  },
});

/** The boxes from `at` to `end`. */
function boxes(bytes: Uint8Array, at: number, end: number) {
  const found: { type: string; at: number; from: number; to: number }[] = [];
  const view = new DataView(bytes.buffer);
  while (at < end) {
    const type = new TextDecoder().decode(bytes.subarray(at + 4, at + 8));
    const to = at + view.getUint32(at);
    found.push({ type, at, from: at + 8, to });
    at = to;
  }
  assertEquals(at, end);
  return found;
}

Deno.test({
  name: "in a finished .mp4 sizes add up, and positions point at what they say",
  permissions: "none",
  fn() {
    const frames = irregular(5000);
    const { bytes, ends } = mux(MP4, frames, true);
    const view = new DataView(bytes.buffer);
    const all = boxes(bytes, 0, bytes.length);
    const chunks = ends.flatMap(() => ["prft", "moof", "mdat"]);
    assertEquals(all.map(({ type }) => type), ["ftyp", "moov", ...chunks, "mfra"]);
    const moofs = all.filter(({ type }) => type === "moof");
    const mfra = all.at(-1)!;
    const [tfra, mfro] = boxes(bytes, mfra.from, mfra.to);
    assertEquals(view.getUint32(mfro.from + 4), mfra.to - mfra.at);
    const offsets = moofs.map((_, index) =>
      Number(view.getBigUint64(tfra.from + 16 + index * 19 + 8))
    );
    assertEquals(offsets, moofs.map(({ at }) => at));
    let count = 0;
    for (const [index, moof] of moofs.entries()) {
      const [mfhd, traf] = boxes(bytes, moof.from, moof.to);
      assertEquals(view.getUint32(mfhd.from + 4), index + 1);
      const [, tfdt, trun] = boxes(bytes, traf.from, traf.to);
      const ticks = Math.round((frames[count].timeMs - START) * 90);
      assertEquals(Number(view.getBigUint64(tfdt.from + 4)), ticks);
      let at = moof.at + view.getInt32(trun.from + 8);
      for (let sample = 0; sample < view.getUint32(trun.from + 4); sample++) {
        const { jpeg } = frames[count++];
        assertEquals(bytes.subarray(at, at += jpeg.length), jpeg);
      }
      assertEquals(at, all[all.indexOf(moof) + 1].to);
    }
    assertEquals(count, frames.length);
  },
});

Deno.test({
  name: "a .mjpeg is the JPEGs and nothing else",
  permissions: "none",
  fn() {
    const frames = irregular(3000);
    const { bytes } = mux(formatOf("x.mjpeg")!, frames, true);
    assertEquals(bytes, join(...frames.map(({ jpeg }) => jpeg)));
  },
});
