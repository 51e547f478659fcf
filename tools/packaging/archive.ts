/**
 * Archives whose bytes depend on nothing but their content.
 *
 * @module
 */

import { CamcatError } from "../../lib/base/errors.ts";
import { sourceDate } from "../source_date.ts";

/**
 * How xz compresses: all programs begin with the same 97 MB, and a window of 128 MiB sees that of
 * the one before.
 * Unpacking takes as much memory.
 */
export const SMALL: readonly string[] = ["--lzma2=preset=1,dict=128MiB"];

/** How tar leaves out who packed when, and on what machine. */
const REPRODUCIBLE = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner"];

/** How to pack. */
export interface ArchiveOptions {
  /** Options of xz. @default {SMALL} */
  xz?: readonly string[];
  /** The files in `folder` to pack. @default {["."]} */
  names?: readonly string[];
}

/**
 * Packs a folder into a `.tar.xz`.
 *
 * @throws {CamcatError} if tar or xz fails
 */
export async function tarXz(
  folder: string,
  output: string,
  { xz = SMALL, names = ["."] }: ArchiveOptions = {},
): Promise<void> {
  const tar = `${output}.tar`;
  try {
    const mtime = `--mtime=@${await sourceDate()}`;
    await run("tar", ["-C", folder, ...REPRODUCIBLE, mtime, "-cf", tar, ...names]);
    await run("xz", ["--force", "--threads=1", ...xz, tar]);
    await Deno.rename(`${tar}.xz`, output);
  } finally {
    await Deno.remove(tar).catch(() => {}); // xz has removed it
  }
}

/**
 * Runs a program of this machine to its end.
 *
 * @returns what it printed
 * @throws {CamcatError} if it fails, or is not installed
 */
export async function run(program: string, args: string[], cwd?: string): Promise<string> {
  let output;
  try {
    output = await new Deno.Command(program, { args, ...(cwd && { cwd }) }).output();
  } catch (cause) {
    throw new CamcatError(`Cannot pack: ${program} must be installed`, { cause });
  }
  const decoder = new TextDecoder();
  if (output.success) return decoder.decode(output.stdout);
  throw new CamcatError(`Cannot pack: ${program} failed: ${decoder.decode(output.stderr).trim()}`);
}
