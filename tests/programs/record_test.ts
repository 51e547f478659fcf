// The compiled receiver with --record, as users and accidents end it.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Folder } from "../support/folder.ts";
import { type Program, programTest, startReceiver, startSender } from "../support/programs.ts";
import { ffprobe, timesIn } from "../support/recordings.ts";
import { testOnSmallDisk } from "../support/small_disk.ts";

const PICTURE = ["test", "--size=320x240", "--fps=30"];

/** Starts a receiver that records what a sender shows. */
async function record(sender: Program, to: string, args: string[] = []): Promise<Program> {
  const address = `127.0.0.1:${await sender.port()}`;
  return startReceiver([address, "--display=none", `--record=${to}`, ...args]);
}

/** Waits until so many frames are in the files. */
async function recorded(receiver: Program, frames: number): Promise<void> {
  await receiver.event(({ event, recorded_frames }) =>
    event === "stats" && recorded_frames >= frames
  );
}

for (const extension of ["mkv", "mp4"]) {
  programTest(
    `a killed receiver leaves a .${extension} that ends a second or so before`,
    async () => {
      await using folder = new Folder();
      const path = `${folder.path}/x.${extension}`;
      await using sender = startSender(PICTURE);
      await using receiver = await record(sender, path);
      await recorded(receiver, 120);
      receiver.signal("SIGKILL");
      await receiver.status();
      // A disk takes its time: what came three seconds before is there in any case.
      const [before, , , last] = receiver.events.filter(({ event }) => event === "stats").slice(-4);
      const times = await timesIn(path);
      assert(times.length >= last.recorded_frames, "nothing that was written is missing");
      assert(times.length >= before.frames, `${times.length} frames of ${before.frames}`);
      assert(times.every((time, index) => index === 0 || time > times[index - 1]));
    },
  );
}

programTest("a killed receiver leaves a time lapse with every picture that was taken", async () => {
  await using folder = new Folder();
  await using sender = startSender(PICTURE);
  for (const extension of ["mkv", "mp4"]) {
    const path = `${folder.path}/x.${extension}`;
    await using receiver = await record(sender, path, ["--timelapse=5/s"]);
    await recorded(receiver, 10);
    receiver.signal("SIGKILL");
    await receiver.status();
    const { recorded_frames } = receiver.events.filter(({ event }) => event === "stats").at(-1)!;
    const times = await timesIn(path);
    assert(times.length >= recorded_frames, `${times.length} of ${recorded_frames}`);
    assert(times.length <= recorded_frames + 10, `${times.length} is not one in six`);
    const steps = times.slice(1).map((time, index) => Math.round(time - times[index]));
    assertEquals(new Set(steps), new Set([40]));
  }
});

programTest("a receiver finishes its recording, however it is asked to end", async () => {
  await using folder = new Folder();
  for (const how of ["SIGINT", "SIGTERM", "the sender's end"] as const) {
    const path = `${folder.path}/${how}.mkv`;
    await using sender = startSender(PICTURE);
    await using receiver = await record(sender, path, ["--once"]);
    const { frames } = await receiver.event(({ event, frames, recorded_frames }) =>
      event === "stats" && recorded_frames >= 30 && frames > recorded_frames
    );
    if (how === "the sender's end") sender.signal("SIGKILL");
    else receiver.signal(how);
    assertEquals((await receiver.status()).code, how === "the sender's end" ? 1 : 0);
    const ended = receiver.events.find(({ state }) => state === "ended")!;
    const { packets, format: { duration } } = await ffprobe(path);
    assertEquals([ended.file, ended.frames], [path, packets.length]);
    assert(Math.abs(Number(duration) * 1000 - ended.durationMs) <= 1, duration);
    assert(ended.frames >= frames, "what was not yet written is there");
  }
});

programTest("receiver --record does not begin where it cannot record", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.mkv`;
  await Deno.writeTextFile(path, "mine");
  const nowhere = ["127.0.0.1:1", "--open", "--display=none"];
  const cases: [string[], number, RegExp][] = [
    [[`--record=${path}`], 1, /^Cannot record to .*x\.mkv: it already exists/],
    [[`--record=${folder.path}/no/x.mkv`], 1, /^Cannot record to .*: the directory does not exist/],
    [["--record=x.avi"], 2, /must end with \.mkv, \.mp4, or \.mjpeg/],
    [
      ["--record=x.mkv", "--segment=1m"],
      2,
      /^Cannot use --segment, --keep and --names with a single file/,
    ],
    [["--keep=1GB"], 2, /Cannot use --keep without --record/],
    [["--record=x.mkv", "--camera=all"], 2, /^Cannot use --record x.mkv with all cameras/],
  ];
  for (const [args, code, message] of cases) {
    await using receiver = startReceiver([...nowhere, ...args]);
    assertEquals((await receiver.status()).code, code);
    assertMatch(receiver.events.at(-1)?.message ?? receiver.stderr, message);
  }
  assertEquals(await Deno.readTextFile(path), "mine");
});

programTest(
  "receiver --record exits with status 1 when its file was deleted, and says so",
  async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x.mkv`;
    await using sender = startSender(PICTURE);
    await using receiver = await record(sender, path);
    await recorded(receiver, 30);
    await Deno.remove(path);
    const gone = await receiver.event(({ state }) => state === "gone");
    assertEquals([gone.file, gone.how], [path, "deleted"]);
    assert(gone.lostFrames >= 30, `${gone.lostFrames} frames`);
    const from = receiver.events.length;
    await receiver.event(({ state }) => state === "started", from - 1);
    assertEquals(await receiver.stop(), 1);
    const ended = receiver.events.find(({ state }) => state === "ended")!;
    assertEquals((await timesIn(path)).length, ended.frames);
    assertMatch(
      receiver.events.at(-1)!.message,
      /^The recording is incomplete: \d+ frames are missing/,
    );
  },
);

programTest("receiver --segment and --keep leave the newest segments, all finished", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/yard`;
  await using sender = startSender(PICTURE);
  const args = ["--segment=1s", "--keep=500kB"];
  await using receiver = await record(sender, `${path}/`, args);
  await receiver.event(({ state }) => state === "deleted");
  assertEquals(await receiver.stop(), 0);
  const names = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  const filesOf = (state: string) =>
    receiver.events.filter((event) => event.state === state).map(({ file }) => file).sort();
  const gone = filesOf("deleted");
  const left = filesOf("ended").filter((file) => !gone.includes(file));
  assertEquals(names.map((name) => `${path}/${name}`), left);
  assert(gone[0] < left[0], "the oldest are gone");
  for (const file of left) assert((await ffprobe(file)).format.duration !== undefined);
});

programTest("a recording has a gap while the sender is gone, and goes on after it", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.mkv`;
  await using sender = startSender(PICTURE);
  const address = `127.0.0.1:${await sender.port()}`;
  await using receiver = await record(sender, path);
  await recorded(receiver, 30);
  sender.signal("SIGKILL");
  const lost = await receiver.event(({ state }) => state === "lost");
  await sender.status();
  await receiver.event(({ event, state, fps }) =>
    event === "stats" && state === "lost" && fps === 0
  );
  const before = receiver.events.findLast(({ event }) => event === "stats")!.frames;
  await using again = startSender([...PICTURE, `--listen=${address}`]);
  await again.port();
  await recorded(receiver, before + 30);
  assertEquals(await receiver.stop(), 0);
  const times = await timesIn(path);
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  assertEquals(gaps.indexOf(Math.max(...gaps)), before - 1, `after ${lost.reason}`);
  assert(gaps[before - 1] > 1000 && gaps.every((gap) => gap > 0));
});

testOnSmallDisk("the live picture goes on while the disk is full", async (disk) => {
  const path = `${disk.path}/x.mkv`;
  await using sender = startSender(PICTURE);
  await using receiver = await record(sender, path);
  await recorded(receiver, 1);
  await disk.fill(300_000);
  await receiver.event(({ state }) => state === "paused");
  const since = receiver.events.length;
  const isLive = ({ event, fps, recording }: { event: string; fps?: number; recording?: string }) =>
    event === "stats" && fps! > 0 && recording === "paused";
  await receiver.event(isLive, since);
  assert((await timesIn(path)).length > 0);
  await disk.free();
  await receiver.event(({ state }) => state === "resumed");
  assertEquals(await receiver.stop(), 0);
  const { frames } = receiver.events.find(({ state }) => state === "ended")!;
  assertEquals((await timesIn(path)).length, frames);
}, programTest);

for (const to of ["x.mkv", "x.mp4", "segments/"]) {
  testOnSmallDisk(`a loss of power leaves ${to} up to the last seconds`, async (disk) => {
    await using sender = startSender(PICTURE);
    await using receiver = await record(sender, `${disk.path}/${to}`);
    await recorded(receiver, 60);
    const { recorded_frames } = receiver.events.findLast(({ event }) => event === "stats")!;
    await using after = await disk.afterPowerLoss();
    const { file } = receiver.events.find(({ state }) => state === "started")!;
    const times = await timesIn(file.replace(disk.path, after.path));
    assert(times.length >= recorded_frames, `${times.length} frames of ${recorded_frames}`);
  }, programTest);
}
