/**
 * A file system that is soon full.
 *
 * @module
 */

import { Folder } from "./programs.ts";

const isPossible = await canMount();
if (!isPossible) {
  console.warn("SKIPPED: what happens on a full disk, because only root can mount a small one");
}

/** A test on a file system of 2 MiB. */
export function testOnSmallDisk(name: string, fn: (disk: SmallDisk) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !isPossible,
    async fn() {
      await using folder = new Folder();
      await mount(folder.path);
      try {
        await fn(new SmallDisk(folder.path));
      } finally {
        await umount(folder.path);
      }
    },
  });
}

/** A mounted file system, and a file that takes the space. */
export class SmallDisk {
  readonly path: string;
  #filler: string;

  constructor(path: string) {
    this.path = path;
    this.#filler = `${path}/filler`;
  }

  /** Takes all of the space but `bytes`. */
  async fill(bytes: number): Promise<void> {
    using file = await Deno.open(this.#filler, { create: true, append: true });
    const block = new Uint8Array(4096);
    try {
      for (;;) await file.write(block);
    } catch {
      const { size } = await file.stat();
      await file.truncate(size - bytes);
    }
  }

  /** Gives it back. */
  async free(): Promise<void> {
    await Deno.remove(this.#filler);
  }
}

async function mount(path: string): Promise<boolean> {
  const args = ["-t", "tmpfs", "-o", "size=2m", "tmpfs", path];
  return (await new Deno.Command("mount", { args, stderr: "null" }).output()).success;
}

async function umount(path: string): Promise<void> {
  await new Deno.Command("umount", { args: ["--lazy", path] }).output();
}

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  await using folder = new Folder();
  if (!(await mount(folder.path))) return false;
  await umount(folder.path);
  return true;
}
