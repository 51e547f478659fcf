// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import type { Console } from "../../lib/program/console.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import type { ReceivedFrame } from "../../lib/receive/receive.ts";
import { SnapshotOutput, type SnapshotOutputOptions } from "../../lib/record/snapshot_output.ts";
import { ffmpegJpegs, jpeg } from "../support/jpegs.ts";
import {
  type Event,
  Folder,
  type Program,
  startReceiver,
  startSender,
  testOnLinux,
  until,
} from "../support/programs.ts";

function received(bytes: Uint8Array, rest: Partial<ReceivedFrame> = {}): ReceivedFrame {
  const frame = Frame.from(bytes, { time: now() });
  return { frame, capturedAt: undefined, live: true, dropped: 0, ...rest };
}

/** Keeps what it is told. */
class Told {
  events: Record<string, unknown>[] = [];
  texts: string[] = [];
  event(event: Event, text?: string): void {
    this.events.push(event);
    if (text !== undefined) this.texts.push(text);
  }
  warn = this.event;
}

function stills(options: Omit<SnapshotOutputOptions, "console" | "isAll"> & { isAll?: boolean }) {
  const told = new Told();
  const console = told as unknown as Console;
  return { told, stills: new SnapshotOutput({ isAll: false, ...options, console }) };
}

/** All files in a folder, hidden ones too, by name. */
function filesIn(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

const [A, B] = [1, 2].map((value) => jpeg(Uint8Array.of(value)));

Deno.test("SnapshotOutput without a time between them is the first live picture, and replaces a file", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/now.jpg`;
  Deno.writeTextFileSync(path, "something else");
  const { stills: output, told } = stills({ path, isAll: true });
  await output.take(received(B, { live: false }));
  assertEquals(Deno.readTextFileSync(path), "something else");
  await output.take(received(A));
  await output.take(received(B));
  assertEquals(await output.ended, undefined);
  assertEquals(Deno.readFileSync(path), A);
  assertEquals(filesIn(folder.path), ["now.jpg"]);
  assertEquals(told.events, [{ event: "snapshot", file: path, bytes: A.length }]);
  assertEquals(told.texts, [`Wrote ${path}`]);
});

Deno.test("SnapshotOutput replaces the file that a link leads to, not the link", async () => {
  await using folder = new Folder();
  const [link, path] = [`${folder.path}/link.jpg`, `${folder.path}/now.jpg`];
  Deno.writeTextFileSync(path, "something else");
  Deno.symlinkSync(path, link);
  await stills({ path: link }).stills.take(received(A));
  assert(Deno.lstatSync(link).isSymlink);
  assertEquals(Deno.readFileSync(path), A);
});

Deno.test("SnapshotOutput makes a folder, and a file for each picture, named by its capture", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/new/pictures/`;
  const { stills: output, told } = stills({ path, everyMs: 1e-6 });
  const time = new Date(2026, 10, 21, 19, 26, 47);
  const [first, second] = [time.getTime(), time.getTime() + 1000];
  for (const capturedAt of [first, first + 999, second, first]) {
    await output.take(received(A, { capturedAt }));
  }
  const names = ["47", "47-2", "48", "47-3"].map((rest) => `2026-11-21T19-26-${rest}.jpg`);
  assertEquals(told.events.map(({ file }) => file), names.map((name) => path + name));
  assertEquals(filesIn(path), names.sort());
  assertEquals(told.texts.length, 1, "people are told of the first one");
});

Deno.test("SnapshotOutput are named by the system clock, also after that was set", async () => {
  await using folder = new Folder();
  const { stills: output } = stills({ path: `${folder.path}/`, everyMs: 1e-6 });
  const capturedAt = new Date(2026, 10, 21, 19, 26, 47, 500).getTime();
  const { now } = Date;
  try {
    await output.take(received(A, { capturedAt }));
    Date.now = () => now() + 7_200_000;
    await output.take(received(A, { capturedAt }));
  } finally {
    Date.now = now;
  }
  assertEquals(filesIn(folder.path), ["2026-11-21T19-26-47.jpg", "2026-11-21T21-26-47.jpg"]);
});

Deno.test("SnapshotOutput of two receivers in one folder do not replace each other's", async () => {
  await using folder = new Folder();
  const options = { path: folder.path, everyMs: 1e-6 };
  const outputs = [A, B].map((bytes) => ({ bytes, output: stills(options).stills }));
  for (let count = 0; count < 20; count++) {
    const capturedAt = 1e12;
    await Promise.all(
      outputs.map(({ output, bytes }) => output.take(received(bytes, { capturedAt }))),
    );
  }
  const contents = filesIn(folder.path).map((name) => Deno.readFileSync(`${folder.path}/${name}`));
  assertEquals(contents.length, 40);
  for (const { bytes } of outputs) {
    assertEquals(contents.filter((content) => `${content}` === `${bytes}`).length, 20);
  }
});

Deno.test("SnapshotOutput says at once where nothing can be written", async () => {
  await using folder = new Folder();
  const file = `${folder.path}/file`;
  Deno.writeTextFileSync(file, "");
  const cases: [path: string, reason: RegExp][] = [
    [`${folder.path}/none/now.jpg`, /: the folder does not exist$/],
    [`${file}/now.jpg`, /: Not a directory$/],
    [`${file}/`, /: (Not a directory|File exists)$/],
    ["/dev/null", /: it exists and is not a file$/],
  ];
  if (Deno.uid() === 0) console.warn("SKIPPED: a folder without permission, because root has it");
  else {
    const closed = `${folder.path}/closed`;
    Deno.mkdirSync(closed, { mode: 0o500 });
    cases.push([`${closed}/now.jpg`, /: Permission denied$/]);
  }
  for (const [path, reason] of cases) {
    const { message } = assertThrows(() => stills({ path }), CamcatError);
    assertMatch(message, /^Cannot write pictures to /);
    assertMatch(message, reason);
  }
});

/** A sender of pictures that are known, in a loop. */
async function startKnown(folder: string): Promise<{ sender: Program; jpegs: Uint8Array[] }> {
  const jpegs = await ffmpegJpegs("640x480", 30);
  const file = `${folder}/known.mjpeg`;
  Deno.writeFileSync(file, new Uint8Array(await new Blob(jpegs as BlobPart[]).arrayBuffer()));
  return { sender: startSender([file, "--loop"]), jpegs };
}

testOnLinux("receiver --snapshot writes one picture as it was sent, and ends", async () => {
  await using folder = new Folder();
  const { sender, jpegs } = await startKnown(folder.path);
  await using _ = sender;
  const address = `127.0.0.1:${await sender.port()}`;
  const path = `${folder.path}/now.jpg`;
  await using receiver = startReceiver([address, `--snapshot=${path}`]);
  assertEquals((await receiver.status()).code, 0);
  const written = Deno.readFileSync(path);
  assert(jpegs.some((jpeg) => `${jpeg}` === `${written}`), "it is one of those that were sent");
  const { file, bytes } = await receiver.event(({ event }) => event === "snapshot");
  assertEquals([file, bytes], [path, written.length]);

  const program = new URL("../../dist/receiver", import.meta.url).pathname;
  const args = ["-q", address, `--snapshot=${folder.path}/no/folder.jpg`];
  const { code, stderr } = await new Deno.Command(program, { args }).output();
  assertEquals(code, 1);
  assertMatch(
    new TextDecoder().decode(stderr),
    /^error: Cannot write pictures to .*the folder does not exist/,
  );
});

testOnLinux("receiver --snapshot --once gives up when there is no sender", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/now.jpg`;
  await using receiver = startReceiver(["127.0.0.1:1", "--once", `--snapshot=${path}`]);
  assertEquals((await receiver.status()).code, 1);
  assertEquals(filesIn(folder.path), []);
});

testOnLinux(
  "receiver --snapshot --every replaces a file, and nobody ever sees a part",
  async () => {
    await using folder = new Folder();
    const { sender, jpegs } = await startKnown(folder.path);
    await using _ = sender;
    const address = `127.0.0.1:${await sender.port()}`;
    await Deno.mkdir(`${folder.path}/public`);
    const path = `${folder.path}/public/now.jpg`;
    await using receiver = startReceiver([address, `--snapshot=${path}`, "--every=0.03s"]);
    await receiver.event(({ event }) => event === "snapshot");
    const known = new Set(jpegs.map(String));
    const seen = new Set<string>();
    let reads = 0;
    await until(async () => {
      for (let count = 0; count < 50; count++) {
        const content = String(await Deno.readFile(path));
        assert(known.has(content), `after ${reads} reads, a part of a picture`);
        seen.add(content);
        reads++;
      }
      return seen.size >= 15;
    }, "15 different pictures");
    assertEquals(await receiver.stop(), 0);
    assertEquals(filesIn(`${folder.path}/public`), ["now.jpg"]);
  },
);

testOnLinux("receiver --snapshot --every goes on after the disk was full", async () => {
  await using folder = new Folder();
  const disk = `${folder.path}/disk`;
  Deno.mkdirSync(disk);
  const args = ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk];
  const mounted = await new Deno.Command("mount", { args, stderr: "null" }).output()
    .catch(() => undefined);
  if (!mounted?.success) {
    console.warn("SKIPPED: a full disk needs the right to mount a tmpfs");
    return;
  }
  try {
    const { sender } = await startKnown(folder.path);
    await using _ = sender;
    const address = `127.0.0.1:${await sender.port()}`;
    const path = `${disk}/now.jpg`;
    await using receiver = startReceiver([address, `--snapshot=${path}`, "--every=0.1s"]);
    await receiver.event(({ event }) => event === "snapshot");
    const filler = `${disk}/filler`;
    const fill = ["if=/dev/zero", `of=${filler}`, "oflag=append", "conv=notrunc"];
    const isFailed = ({ event }: Event) => event === "snapshot-failed";
    await until(async () => {
      // Again and again: a file that is replaced at this moment gives some space back.
      await new Deno.Command("dd", { args: fill, stderr: "null" }).output();
      return receiver.events.some(isFailed);
    }, "a picture that cannot be written");
    const { reason } = receiver.events.find(isFailed)!;
    assertMatch(reason, /^Cannot write pictures to .*: No space left on device$/);
    const content = Deno.readFileSync(path);
    assertEquals([...content.subarray(-2)], [0xff, 0xd9], "the last one is still there");
    const from = receiver.events.length;
    Deno.removeSync(filler);
    await receiver.event(({ event }) => event === "snapshot", from);
    assertEquals(await receiver.stop(), 0);
    assertEquals(filesIn(disk), ["now.jpg"]);
  } finally {
    await new Deno.Command("umount", { args: [disk] }).output();
  }
});
