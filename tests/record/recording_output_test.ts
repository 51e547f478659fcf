// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { CamcatError, UsageError } from "../../lib/base/errors.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { ChunkBuilder } from "../../lib/record/chunk.ts";
import { PRIVATE, SHARED } from "../../lib/program/file_access.ts";
import type { Destination } from "../../lib/record/destination.ts";
import { MATROSKA } from "../../lib/record/formats.ts";
import { RecordingWriter } from "../../lib/record/writer.ts";
import type { RecordingOutputOptions } from "../../lib/record/recording_options.ts";
import { RecordingOutput } from "../../lib/record/recording_output.ts";
import type { RecordingEvent } from "../../lib/record/recording_event.ts";
import type { ReceivedFrame } from "../../lib/receive/receive.ts";
import { ffmpegJpegs, join, jpeg as jpegOf } from "../support/jpegs.ts";
import { Folder, remove } from "../support/folder.ts";
import { until, withPatience } from "../support/patience.ts";
import { ffprobe, picturesIn, timesIn } from "../support/recordings.ts";
import { testOnSmallDisk } from "../support/small_disk.ts";

const START = new Date(2026, 10, 21, 19, 26, 47, 250).getTime();
const jpegs = await ffmpegJpegs("64x48", 10);
const [larger] = await ffmpegJpegs("128x96", 1);

/** A frame captured `ms` after the start, by a sender whose clock is elsewhere. */
function received(ms: number, jpeg = jpegs[ms % 10], live = true): ReceivedFrame {
  const frame = Frame.from(jpeg, { time: ms });
  return { frame, capturedAt: START + ms, live, dropped: 0 };
}

/** A recording, and its events. */
class Recording extends RecordingOutput {
  readonly events: RecordingEvent[];
  #wake: () => void;

  constructor(path: string, options: RecordingOutputOptions = {}) {
    const events: RecordingEvent[] = [];
    let wake = () => {};
    super(path, { ...options, onEvent: (event) => (events.push(event), wake()) });
    this.events = events;
    this.#wake = () => {};
    wake = () => this.#wake();
  }

  /** The first event of a type; one that has come already, too. */
  async event<T extends RecordingEvent["type"]>(
    type: T,
  ): Promise<Extract<RecordingEvent, { type: T }>> {
    return await withPatience(async () => {
      for (;;) {
        const event = this.events.find((event) => event.type === type);
        if (event !== undefined) return event as Extract<RecordingEvent, { type: T }>;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    }, () => `${type} of ${JSON.stringify(this.events)}`);
  }
}

for (const extension of ["mkv", "mp4"]) {
  Deno.test(`RecordingOutput records all live frames with their times into a .${extension}`, async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x.${extension}`;
    const times = [0, 33, 70, 71, 500, 5000, 5100, 5133];
    await using recording = new Recording(path);
    for (const ms of times) {
      recording.take(received(ms));
      recording.take(received(ms + 5, jpegs[0], false));
    }
    await recording[Symbol.asyncDispose]();
    assertEquals((await timesIn(path)).map(Math.round), times);
    assertEquals(await picturesIn(path), join(...times.map((ms) => jpegs[ms % 10])));
    const [started, ended] = recording.events;
    assertEquals(started, { type: "started", file: path });
    const { size } = await Deno.stat(path);
    const durationMs = 5166;
    assertEquals(ended, {
      type: "ended",
      file: path,
      frames: times.length,
      bytes: size,
      durationMs,
    });
  });
}

Deno.test("RecordingOutput lets the first frames wait until the sender's clock is known", async () => {
  const early = [0, 40, 80].map((ms) => ({ ...received(ms), capturedAt: undefined }));
  const cases: [string, number, number[]][] = [
    ["a clock that comes", START + 120, [0, 40, 80, 120]],
    ["none that comes", NaN, [0, 40, 80]],
  ];
  for (const [what, capturedAt, times] of cases) {
    await using folder = new Folder();
    await using recording = new Recording(folder.path);
    recording.follow({ type: "connected", encrypted: true });
    recording.follow({ type: "stream", name: "door", live: true, reason: "" });
    for (const frame of early) recording.take(frame);
    if (capturedAt) recording.take({ ...received(120), capturedAt });
    else recording.follow({ type: "lost", reason: "gone" });
    await recording[Symbol.asyncDispose]();
    const [{ name }] = Deno.readDirSync(folder.path);
    assertEquals((await timesIn(`${folder.path}/${name}`)).map(Math.round), times, what);
    assertEquals(name === "2026-11-21T19-26-47.mkv", capturedAt > 0);
  }
});

Deno.test("RecordingOutput leaves no file if nothing came", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.mkv`;
  {
    await using recording = new Recording(path);
    assertEquals((await Deno.stat(path)).size, 0);
    recording.take(received(0, jpegs[0], false));
  }
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("RecordingOutput writes what it has although no other frame comes", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.mkv`;
  await using recording = new Recording(path);
  const now = Date.now();
  const frame = Frame.from(jpegs[0], { time: now });
  recording.take({ frame, capturedAt: now, live: true, dropped: 0 });
  await recording.event("started");
  assertEquals((await timesIn(path)).length, 1);
});

Deno.test("RecordingOutput refuses what it cannot record to, and overwrites nothing", async () => {
  await using folder = new Folder();
  const there = `${folder.path}/there.mkv`;
  await Deno.writeTextFile(there, "mine");
  const cases: [string, RecordingOutputOptions, typeof CamcatError | typeof UsageError, RegExp][] =
    [
      [there, {}, CamcatError, /it already exists\. Use another name/],
      [
        `${folder.path}/no/x.mkv`,
        {},
        CamcatError,
        /the directory does not exist\. Create it first/,
      ],
      ["/proc/x.mkv", {}, CamcatError, /^Cannot record to \/proc\/x\.mkv: /],
      ["/proc/x/", {}, CamcatError, /^Cannot record to \/proc\/x\/: /],
      [`${there}/x/`, {}, CamcatError, /^Cannot record to .*there\.mkv\/x\/: /],
      [`${folder.path}/x.avi`, {}, UsageError, /must end with \.mkv, \.mp4, or \.mjpeg/],
      [`${folder.path}/x`, {}, UsageError, /add a slash: .*\/x\/$/],
      [`${folder.path}/x.mp4`, { segmentMs: 1 }, UsageError, /for a directory, --record .*\/x\/$/],
      [`${folder.path}/x.mp4`, { keep: { ms: 1 } }, UsageError, /for a directory/],
    ];
  for (const [path, options, errorClass, message] of cases) {
    const error = assertThrows(() => new RecordingOutput(path, options), errorClass);
    assertMatch(error.message, message);
  }
  assertEquals(await Deno.readTextFile(there), "mine");
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["there.mkv"]);
});

Deno.test("RecordingOutput begins a segment after its time, and when the size changes", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/new/segments`;
  await using recording = new Recording(`${path}/`, { segmentMs: 1000 });
  for (let ms = 0; ms < 4000; ms += 100) recording.take(received(ms));
  recording.take(received(4000, larger));
  recording.take(received(4100, larger));
  recording.take(received(4200)); // too soon for a file of its own
  await recording[Symbol.asyncDispose]();

  const names = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  const day = "2026-11-21T19-26-";
  assertEquals(
    names,
    [
      ...["47", "48", "49", "50", "51"].map((rest) => `${day}${rest}.mkv`),
    ].sort(),
  );
  const found = [];
  for (const name of names) {
    const { packets, streams: [{ width }], format: { duration } } = await ffprobe(
      `${path}/${name}`,
    );
    assert(duration !== undefined, "is finished");
    found.push([packets.length, width]);
  }
  assertEquals(found.sort(), [[10, 64], [10, 64], [10, 64], [10, 64], [3, 128]].sort());
});

Deno.test("RecordingOutput dates segments, not what is in a file, by a system clock that is set", async () => {
  await using folder = new Folder();
  const HOUR_MS = 3_600_000;
  const { now } = Date;
  const files = [];
  try {
    for (const path of ["segments/", "x.mkv"]) {
      await using recording = new Recording(`${folder.path}/${path}`);
      for (let ms = 0; ms < 3000; ms += 100) {
        const step = [0, HOUR_MS, -HOUR_MS][Math.floor(ms / 1000)];
        Date.now = () => now() + step;
        recording.take(received(ms));
      }
      await recording[Symbol.asyncDispose]();
      for (const event of recording.events) {
        if (event.type !== "ended") continue;
        const { file, frames, durationMs } = event;
        files.push([file.slice(folder.path.length), frames, durationMs]);
      }
    }
  } finally {
    Date.now = now;
  }
  const day = "/segments/2026-11-21T";
  assertEquals(files.sort(), [
    [`${day}18-26-49.mkv`, 10, 1000],
    [`${day}19-26-47.mkv`, 10, 1000],
    [`${day}20-26-48.mkv`, 10, 1000],
    ["/x.mkv", 30, 3000],
  ]);
});

/** Puts files into a directory, each `bytes` long and last written to `daysAgo`. */
async function leave(path: string, files: Record<string, [bytes: number, daysAgo: number]>) {
  for (const [name, [bytes, daysAgo]] of Object.entries(files)) {
    await Deno.writeFile(`${path}/${name}`, new Uint8Array(bytes));
    const date = new Date(Date.now() - daysAgo * 86_400_000);
    await Deno.utime(`${path}/${name}`, date, date);
  }
}

Deno.test("RecordingOutput deletes old segments at its start, and nothing else", async () => {
  const cases: [RecordingOutputOptions["keep"], string[]][] = [
    [{ ms: 7 * 86_400_000 }, ["2026-01-01T00-00-00.mkv"]],
    [{ bytes: 2500 }, ["2026-01-01T00-00-00.mkv", "2026-02-01T00-00-00-2.mkv"]],
  ];
  for (const [keep, gone] of cases) {
    await using folder = new Folder();
    await leave(folder.path, {
      "2026-01-01T00-00-00.mkv": [1000, 9],
      "2026-02-01T00-00-00-2.mkv": [1000, 5],
      "2026-02-01T00-00-00.mkv": [1000, 4],
      "2026-03-01T00-00-00.mkv": [1000, 1],
      "holiday.mkv": [10_000, 99],
      "2026-01-01T00-00-00.txt": [10_000, 99],
    });
    const before = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    await using recording = new Recording(folder.path, { keep });
    await withPatience(async () => {
      while (recording.events.length < gone.length) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }, () => "deletions");
    const after = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    assertEquals(after.sort(), before.filter((name) => !gone.includes(name)).sort());
  }
});

Deno.test("RecordingOutput keeps the newest segments while it records", async () => {
  await using folder = new Folder();
  const frames = Array.from({ length: 200 }, (_, index) => received(index * 100));
  const segmentBytes = 10 * jpegs[0].length;
  const keep = { bytes: 5 * segmentBytes };
  await using recording = new Recording(folder.path, { segmentMs: 1000, keep });
  const ended = () => recording.events.filter(({ type }) => type === "ended");
  for (const [index, frame] of frames.entries()) {
    recording.take(frame);
    // A segment ends with the next one, and can be deleted when it has: a disk takes its time.
    const due = Math.floor(index / 10);
    if (index % 10 === 9) await until(() => ended().length >= due - 1, `${due - 1} segments`);
  }
  await recording[Symbol.asyncDispose]();
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  assertEquals(ended().length, 20);
  assert(names.length >= 3 && names.length <= 8, `${names}`);
  // 20 s after the start is the last one.
  assertEquals(names.at(-1), "2026-11-21T19-27-06.mkv");
});

/** Takes frames, 100 ms apart, until an event of a type has come. */
async function takeUntil<T extends RecordingEvent["type"]>(
  recording: Recording,
  type: T,
  fromMs: number,
): Promise<Extract<RecordingEvent, { type: T }>> {
  let ms = fromMs;
  await until(() => {
    recording.take(received(ms += 100));
    return recording.events.some((event) => event.type === type);
  }, type);
  return await recording.event(type);
}

for (const kind of ["file", "directory"]) {
  Deno.test(`RecordingOutput goes on in a new file when its ${kind} was deleted, and counts the loss`, async () => {
    await using folder = new Folder();
    const path = kind === "file" ? `${folder.path}/x.mkv` : `${folder.path}/segments/`;
    await using recording = new Recording(path);
    const { file } = await takeUntil(recording, "started", 0);
    assertEquals(recording.failure(), undefined);
    await Deno.remove(path, { recursive: true });
    // Noticed although no further frame comes.
    const gone = await recording.event("gone");
    assertEquals([gone.file, gone.how], [file, "deleted"]);
    assert(gone.lostFrames > 0 && gone.lostMs > 0, JSON.stringify(gone));
    recording.events.splice(0);
    const again = await takeUntil(recording, "started", 60_000);
    await recording[Symbol.asyncDispose]();
    const { frames, file: ended } = await recording.event("ended");
    assertEquals(ended, again.file);
    assertEquals((await timesIn(again.file)).length, frames);
    assertEquals(recording.status().json.recording_lost, gone.lostFrames);
    assertMatch(
      recording.failure()!.message,
      /^The recording is incomplete: \d+ frames are missing$/,
    );
  });

  Deno.test(`RecordingOutput completes a file of a ${kind} that was moved, and goes on in a new one`, async () => {
    await using folder = new Folder();
    const path = kind === "file" ? `${folder.path}/x.mkv` : `${folder.path}/segments/`;
    await using recording = new Recording(path);
    const { file } = await takeUntil(recording, "started", 0);
    const moved = `${folder.path}/moved.mkv`;
    await Deno.rename(file, moved);
    const gone = await recording.event("gone");
    assertEquals([gone.how, gone.lostFrames], ["moved", 0]);
    recording.events.splice(0);
    await takeUntil(recording, "started", 60_000);
    await recording[Symbol.asyncDispose]();
    await recording.event("ended");
    assertEquals(recording.failure(), undefined);
    const { packets, format: { duration } } = await ffprobe(moved);
    assert(duration !== undefined && packets.length > 0, "the moved file is complete");
  });
}

Deno.test("RecordingOutput leaves a file alone that has taken the place of its own", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.mkv`;
  await using recording = new Recording(path);
  await takeUntil(recording, "started", 0);
  await Deno.writeTextFile(`${folder.path}/other`, "mine");
  await Deno.rename(`${folder.path}/other`, path);
  assertEquals((await recording.event("gone")).how, "deleted");
  recording.events.splice(0);
  assertEquals((await takeUntil(recording, "started", 60_000)).file, `${folder.path}/x-2.mkv`);
  assertEquals(await Deno.readTextFile(path), "mine");
});

Deno.test("RecordingOutput does not lose frames in a file that was deleted before the first", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.mkv`;
  await using recording = new Recording(path);
  await Deno.remove(path);
  recording.take(received(0));
  await recording[Symbol.asyncDispose]();
  assertEquals((await timesIn(path)).length, 1);
  assertEquals(recording.failure(), undefined);
});

testOnSmallDisk("RecordingOutput notices that its disk was unmounted", async (disk) => {
  const path = `${disk.path}/segments/`;
  await using recording = new Recording(path);
  await takeUntil(recording, "started", 0);
  await new Deno.Command("umount", { args: ["-l", disk.path] }).output();
  assertEquals((await recording.event("gone")).how, "moved");
  // The folder that the disk was mounted on is on another disk: nothing is created there.
  assertEquals((await takeUntil(recording, "paused", 60_000)).reason, "the directory is gone");
  assertEquals(recording.status().json.recording, "paused");
  assertEquals([...Deno.readDirSync(disk.path)], []);
  await recording[Symbol.asyncDispose]();
  assert((await recording.event("incomplete")).lostFrames > 0);
  // For the end of the test, which unmounts it.
  await new Deno.Command("mount", { args: ["-t", "tmpfs", "none", disk.path] }).output();
  assert(recording.failure() !== undefined);
});

Deno.test({
  name: "RecordingOutput creates files and folders only for its user, or as the umask allows",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = new Folder();
    const before = Deno.umask(0o027);
    try {
      const cases = [[PRIVATE, 0o600, 0o700], [SHARED, 0o640, 0o750]] as const;
      for (const [access, file, directory] of cases) {
        const path = `${folder.path}/${file}/`;
        await using recording = new Recording(path, { access });
        const { file: segment } = await takeUntil(recording, "started", 0);
        const modes = [segment, path].map((path) => Deno.statSync(path).mode! & 0o777);
        assertEquals(modes, [file, directory]);
        await using single = new Recording(`${path}x.mkv`, { access });
        assertEquals(Deno.statSync(`${path}x.mkv`).mode! & 0o777, file);
        await single[Symbol.asyncDispose]();
      }
    } finally {
      Deno.umask(before);
    }
  },
});

Deno.test("RecordingWriter reports a disk that does not respond", async () => {
  const events: RecordingEvent[] = [];
  const destination: Destination = {
    format: MATROSKA,
    isDirectory: true,
    open: () => new Promise(() => {}),
    tidy: () => Promise.resolve([]),
  };
  const writer = new RecordingWriter(destination, () => {}, (event) => events.push(event));
  const chunks = new ChunkBuilder(MATROSKA.room);
  chunks.add(jpegs[0], START);
  writer.write(chunks.close()!);
  await until(() => {
    writer.check();
    return events.length > 0;
  }, "the pause");
  assertEquals(events, [{ type: "paused", reason: "the disk does not respond" }]);
});

for (const kind of ["file", "directory"]) {
  testOnSmallDisk(
    `RecordingOutput pauses on a full disk and goes on, into a ${kind}`,
    async (disk) => {
      await disk.fill(40 * jpegs[0].length);
      const path = kind === "file" ? `${disk.path}/x.mkv` : `${disk.path}/segments/`;
      await using recording = new Recording(path);
      let ms = 0;
      const takeSome = (count: number) => {
        for (; count > 0; count--) recording.take(received(ms += 100));
      };
      takeSome(100);
      assertEquals(await recording.event("paused"), {
        type: "paused",
        reason: "no space left on the disk",
      });
      const started = await recording.event("started");
      // What is there can be played all the while.
      const written = (await timesIn(started.file)).length;
      assert(written > 0 && written < 100, `${written} frames`);
      if (kind === "file") {
        const { size } = await Deno.stat(path);
        assertEquals(size, recording.status().json.recorded_bytes, "ends with a whole chunk");
      }
      await disk.free();
      takeSome(20);
      const resumed = await recording.event("resumed");
      assertEquals([resumed.lostFrames, resumed.file === started.file], [0, kind === "file"]);
      takeSome(20);
      await recording[Symbol.asyncDispose]();

      const files = recording.events.filter((event) => event.type === "ended")
        .map((event) => event.file);
      assertEquals(files.length, kind === "file" ? 1 : 2);
      let count = 0;
      for (const file of files) {
        const { packets, format: { duration } } = await ffprobe(file);
        assert(duration !== undefined, "is finished");
        count += packets.length;
      }
      assertEquals(count, 140);
      assertEquals(recording.events.filter(({ type }) => type === "paused").length, 1);
    },
  );
}

testOnSmallDisk(
  "RecordingOutput says it again when there is another reason to pause",
  async (disk) => {
    const folder = `${disk.path}/house`;
    const path = `${folder}/yard`;
    await using recording = new Recording(`${path}/`);
    await disk.fill(0);
    for (let ms = 0; ms < 1000; ms += 100) recording.take(received(ms));
    await recording.event("paused");
    await remove(folder, { recursive: true }); // with its parent: it is not created again
    const isGone = (event: RecordingEvent) =>
      event.type === "paused" && /is gone/.test(event.reason);
    await until(() => recording.events.some(isGone), "the other reason");
    await disk.free();
    await Deno.mkdir(path, { recursive: true });
    const { lostFrames } = await recording.event("resumed");
    assertEquals(lostFrames, 0);
    await recording[Symbol.asyncDispose]();
    assertEquals(recording.events.map(({ type }) => type), [
      ...["paused", "paused", "started", "resumed", "ended"],
    ]);
  },
);

testOnSmallDisk(
  "RecordingOutput loses what it cannot hold, counts it, and says so",
  async (disk) => {
    await disk.fill(0);
    await using recording = new Recording(`${disk.path}/x.mp4`);
    const large = jpegOf(new Uint8Array(1_000_000));
    const count = 100;
    for (let index = 0; index < count; index++) recording.take(received(index * 100, large));
    await recording.event("paused");
    const lost = recording.status().json.recording_lost as number;
    assert(lost > 25 && lost < 50, `${lost} frames`);
    assertEquals(recording.status().text, "REC paused");
    await recording[Symbol.asyncDispose]();
    const [last] = recording.events.slice(-1);
    assertEquals(last, { type: "incomplete", lostFrames: count, lostMs: (count - 1) * 100 });
    const names = [...Deno.readDirSync(disk.path)].map(({ name }) => name);
    assertEquals(names.filter((name) => name.startsWith("x")), [], "nothing is left of nothing");
  },
);
