// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import type { Console } from "../../lib/program/console.ts";
import { CamcatError, UsageError } from "../../lib/base/errors.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import type { ReceivedFrame } from "../../lib/receive/receive.ts";
import { SnapshotOutput, type SnapshotOutputOptions } from "../../lib/record/snapshot_output.ts";
import { SHARED } from "../../lib/program/file_access.ts";
import { jpeg } from "../support/jpegs.ts";
import { Folder } from "../support/folder.ts";
import { skipped } from "../support/skipped.ts";

function received(bytes: Uint8Array, rest: Partial<ReceivedFrame> = {}): ReceivedFrame {
  const frame = Frame.from(bytes, { time: now() });
  return { frame, capturedAt: undefined, live: true, dropped: 0, ...rest };
}

/** A console that keeps its events and texts. */
class KeptConsole {
  events: Record<string, unknown>[] = [];
  texts: string[] = [];
  event(event: Record<string, unknown>, text?: string): void {
    this.events.push(event);
    if (text !== undefined) this.texts.push(text);
  }
  warn = this.event;
}

function open(options: Omit<SnapshotOutputOptions, "console" | "isAll"> & { isAll?: boolean }) {
  const kept = new KeptConsole();
  const console = kept as unknown as Console;
  return { kept, output: new SnapshotOutput({ isAll: false, ...options, console }) };
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
  const { output, kept } = open({ path, isAll: true });
  await output.take(received(B, { live: false }));
  assertEquals(Deno.readTextFileSync(path), "something else");
  await output.take(received(A));
  await output.take(received(B));
  assertEquals(await output.ended, undefined);
  assertEquals(Deno.readFileSync(path), A);
  assertEquals(filesIn(folder.path), ["now.jpg"]);
  assertEquals(kept.events, [{ event: "snapshot", file: path, bytes: A.length }]);
  assertEquals(kept.texts, [`Wrote ${path}`]);
});

Deno.test("SnapshotOutput replaces the file that a link leads to, not the link", async () => {
  await using folder = new Folder();
  const [link, path] = [`${folder.path}/link.jpg`, `${folder.path}/now.jpg`];
  Deno.writeTextFileSync(path, "something else");
  Deno.symlinkSync(path, link);
  await open({ path: link }).output.take(received(A));
  assert(Deno.lstatSync(link).isSymlink);
  assertEquals(Deno.readFileSync(path), A);
});

Deno.test("SnapshotOutput makes a folder, and a file for each picture, named by its capture", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/new/pictures/`;
  const { output, kept } = open({ path, everyMs: 1e-6 });
  const time = new Date(2026, 10, 21, 19, 26, 47);
  const [first, second] = [time.getTime(), time.getTime() + 1000];
  for (const capturedAt of [first, first + 999, second, first]) {
    await output.take(received(A, { capturedAt }));
  }
  const names = ["47", "47-2", "48", "47-3"].map((rest) => `2026-11-21T19-26-${rest}.jpg`);
  assertEquals(kept.events.map(({ file }) => file), names.map((name) => path + name));
  assertEquals(filesIn(path), names.sort());
  assertEquals(kept.texts.length, 1, "people are kept of the first one");
});

Deno.test("SnapshotOutput are named by the system clock, also after that was set", async () => {
  await using folder = new Folder();
  const { output } = open({ path: `${folder.path}/`, everyMs: 1e-6 });
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
  const outputs = [A, B].map((bytes) => ({ bytes, output: open(options).output }));
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
  if (Deno.uid() === 0) skipped("a folder without permission, because root has it");
  else {
    const closed = `${folder.path}/closed`;
    Deno.mkdirSync(closed, { mode: 0o500 });
    cases.push([`${closed}/now.jpg`, /: Permission denied$/]);
  }
  for (const [path, reason] of cases) {
    const { message } = assertThrows(() => open({ path }), CamcatError);
    assertMatch(message, /^Cannot write pictures to /);
    assertMatch(message, reason);
  }
});

Deno.test("SnapshotOutput refuses a file name that promises another format", async () => {
  await using folder = new Folder();
  for (const name of ["a.png", "a.jpg.webp", "A.GIF"]) {
    assertThrows(
      () => open({ path: `${folder.path}/${name}` }),
      UsageError,
      "a file must end with .jpg, .jpeg, .jpe, or .jfif",
    );
  }
  for (const name of ["a", "a.JPG", "a.jpeg", ".hidden", "a.png/"]) {
    open({ path: `${folder.path}/${name}` });
  }
  assertEquals(filesIn(folder.path), ["a.png"]);
});

for (
  const [what, access, modes] of [
    ["only for its user", undefined, [0o600, 0o700]],
    ["as the umask allows, if shared", SHARED, [0o640, 0o750]],
  ] as const
) {
  Deno.test({
    name: `SnapshotOutput creates files and folders ${what}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using folder = new Folder();
      const before = Deno.umask(0o027);
      try {
        const path = `${folder.path}/pictures/`;
        const { output } = open({ path, ...(access && { access }) });
        await output.take(received(A));
        const [name] = filesIn(path);
        const found = [`${path}${name}`, path].map((path) => Deno.statSync(path).mode! & 0o777);
        assertEquals(found, [...modes]);
      } finally {
        Deno.umask(before);
      }
    },
  });
}
