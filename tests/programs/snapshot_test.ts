// The compiled receiver, with --snapshot.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Folder } from "../support/folder.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { until } from "../support/patience.ts";
import {
  type Event,
  type Program,
  programTest,
  RECEIVER,
  startReceiver,
  startSender,
} from "../support/programs.ts";
import { skipped } from "../support/skipped.ts";

/** All files in a folder, hidden ones too, by name. */
function filesIn(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

/** A sender of pictures that are known, in a loop. */
async function startKnown(folder: string): Promise<{ sender: Program; jpegs: Uint8Array[] }> {
  const jpegs = await ffmpegJpegs("640x480", 30);
  const file = `${folder}/known.mjpeg`;
  Deno.writeFileSync(file, new Uint8Array(await new Blob(jpegs as BlobPart[]).arrayBuffer()));
  return { sender: startSender([file, "--loop"]), jpegs };
}

programTest("receiver --snapshot writes one picture as it was sent, and ends", async () => {
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

  const args = ["-q", address, `--snapshot=${folder.path}/no/folder.jpg`];
  const { code, stderr } = await new Deno.Command(RECEIVER, { args }).output();
  assertEquals(code, 1);
  assertMatch(
    new TextDecoder().decode(stderr),
    /^error: Cannot write pictures to .*the folder does not exist/,
  );
});

programTest("receiver --snapshot --once gives up when there is no sender", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/now.jpg`;
  await using receiver = startReceiver(["127.0.0.1:1", "--once", `--snapshot=${path}`]);
  assertEquals((await receiver.status()).code, 1);
  assertEquals(filesIn(folder.path), []);
});

programTest(
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

programTest("receiver --snapshot --every goes on after the disk was full", async () => {
  await using folder = new Folder();
  const disk = `${folder.path}/disk`;
  Deno.mkdirSync(disk);
  const args = ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk];
  const mounted = await new Deno.Command("mount", { args, stderr: "null" }).output()
    .catch(() => undefined);
  if (!mounted?.success) {
    skipped("a full disk needs the right to mount a tmpfs");
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
