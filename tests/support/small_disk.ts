/**
 * A disk that is soon full, and whose power can fail: a file system in a file.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Folder } from "./folder.ts";
import { skipped } from "./skipped.ts";

const IMAGE_BYTES = 8 * 1024 * 1024;

/** A test with a small disk; `test` is for one that needs more than that. */
export function testOnSmallDisk(
  name: string,
  fn: (disk: SmallDisk) => Promise<void>,
  test = (name: string, fn: () => Promise<void>, ignore: boolean): void =>
    Deno.test({ name, fn, ignore }),
): void {
  test(name, async () => {
    await using disk = await SmallDisk.make();
    await fn(disk);
  }, obstacle !== undefined);
}

/** A mounted ext4 file system of 8 MiB in a file. */
export class SmallDisk implements AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string;
  #folder: Folder;
  #filler: string;

  private constructor(folder: Folder) {
    this.#folder = folder;
    this.path = `${folder.path}/disk`;
    this.#filler = `${this.path}/filler`;
  }

  /** Makes and mounts one. */
  static async make(): Promise<SmallDisk> {
    const folder = new Folder();
    const image = `${folder.path}/image`;
    await Deno.writeFile(image, new Uint8Array(IMAGE_BYTES));
    await run("mkfs.ext4", "-q", "-m", "0", "-b", "1024", image);
    return await SmallDisk.#mounted(folder);
  }

  static async #mounted(folder: Folder): Promise<SmallDisk> {
    const disk = new SmallDisk(folder);
    await Deno.mkdir(disk.path);
    await run("mount", "-o", "loop", `${folder.path}/image`, disk.path);
    return disk;
  }

  /** The disk as it would be if the power failed now: what was not written to it yet is not there. */
  async afterPowerLoss(): Promise<SmallDisk> {
    const folder = new Folder();
    await Deno.copyFile(`${this.#folder.path}/image`, `${folder.path}/image`);
    return await SmallDisk.#mounted(folder);
  }

  /** Takes all of the space but `bytes`. */
  async fill(bytes: number): Promise<void> {
    using file = await Deno.open(this.#filler, { create: true, append: true });
    const block = new Uint8Array(1024);
    try {
      for (;;) await file.write(block);
    } catch {
      const { size } = await file.stat();
      await file.truncate(size - bytes);
      await file.sync();
    }
  }

  /** Gives it back. */
  async free(): Promise<void> {
    await Deno.remove(this.#filler);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", "--lazy", this.path);
    await this.#folder[Symbol.asyncDispose]();
  }
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(command, { args }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

async function whyNot(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "it takes Linux";
  if (Deno.uid() !== 0) return "only root can mount a file system";
  try {
    await using _disk = await SmallDisk.make();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const obstacle = await whyNot();
if (obstacle !== undefined) skipped(`full disks and losses of power: ${obstacle}`);
