/**
 * Folders for tests.
 *
 * @module
 */

import { until } from "./patience.ts";

/** A folder that goes with the end of a test. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  /** Makes it in `dir`, by default where the system has its temporary files. */
  constructor(dir?: string) {
    this.path = Deno.makeTempDirSync({ prefix: "camcat-test-", ...(dir && { dir }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await remove(this.path, { recursive: true });
  }
}

/**
 * Makes a shell script that stands in for a program.
 *
 * @param folder not in /tmp where the sender starts it: Deno runs no program that it may write
 * @returns the environment in which the script is found first
 */
export async function standIn(
  folder: Folder,
  name: string,
  script: string,
): Promise<{ PATH: string }> {
  await Deno.writeTextFile(`${folder.path}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder.path}:${Deno.env.get("PATH")}` };
}

/** Removes a folder, when nobody writes to it any more: what was killed may have started somebody. */
export async function remove(path: string, options?: Deno.RemoveOptions): Promise<void> {
  await until(async () => {
    try {
      await Deno.remove(path, options);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "ENOTEMPTY") return false;
      throw error;
    }
  }, `the end of all that write to ${path}`);
}

/** Whether there is something at a path. */
export function exists(path: string | URL): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
