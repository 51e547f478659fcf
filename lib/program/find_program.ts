/**
 * Where a program is, and why it cannot be started.
 *
 * @module
 */

import { messageOf, wordsOf } from "../base/errors.ts";

/** The most characters of PATH in a message. */
const MAX_PATH = 300;

/**
 * Looks a program up as the system does: a name in the folders of PATH, a path as it is. On Windows
 * names need no extension, so any program counts as found.
 *
 * @returns the path of the executable file, or undefined
 */
export function findProgram(program: string): string | undefined {
  if (Deno.build.os === "windows") return program;
  return candidates(program).find((path) => isFile(path, 0o111));
}

/** Why `program` could not be started, where it was looked for, and what to do. */
export function whyNotStarted(program: string, cause: unknown): string {
  if (isWorkingDirectoryGone()) {
    return "the folder in which this was started no longer exists. Start it again in another folder";
  }
  const [, spawned] = /^Failed to spawn '(.*?)': /s.exec(messageOf(cause)) ?? [];
  if (!(cause instanceof Deno.errors.NotFound)) {
    const reason = wordsOf(cause).replace(/^Failed to spawn .*?': /s, "");
    const at = spawned === undefined || spawned === program ? "" : ` (${spawned})`;
    const hint = /exec format/i.test(reason)
      ? ". A script must begin with a line such as #!/bin/sh"
      : "";
    return `${reason}${at}${hint}`;
  }
  const found = spawned === undefined ? undefined : findProgram(program);
  if (found !== undefined && Deno.build.os !== "windows") {
    return `${found} needs an interpreter or a loader that this system does not have`;
  }
  const locked = candidates(program).find((path) => isFile(path, 0));
  if (locked !== undefined) return `${locked} is not executable. Run: chmod +x ${locked}`;
  if (isPath(program)) return "there is no such file";
  const how = HOW_TO_INSTALL[program];
  return `it is not installed: no folder in PATH has it (${
    folders().join(":").slice(0, MAX_PATH)
  })` +
    (how === undefined ? "" : `. ${how}`);
}

function candidates(program: string): string[] {
  return isPath(program) ? [program] : folders().map((folder) => `${folder || "."}/${program}`);
}

function isPath(program: string): boolean {
  return /[/\\]/.test(program);
}

function folders(): string[] {
  return (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
}

/** Whether `path` is a file with one of the bits of `mode`, if there are any. */
function isFile(path: string, bits: number): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && (bits === 0 || ((mode ?? 0) & bits) !== 0);
  } catch {
    return false;
  }
}

function isWorkingDirectoryGone(): boolean {
  try {
    Deno.cwd();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

const FFMPEG_PACKAGE = "Install it with your package manager: apt install ffmpeg, " +
  "dnf install ffmpeg, brew install ffmpeg, winget install ffmpeg";

const HOW_TO_INSTALL: Record<string, string> = {
  ffmpeg: FFMPEG_PACKAGE,
  ffplay: FFMPEG_PACKAGE,
  "v4l2-ctl": "Install the package v4l-utils: apt install v4l-utils, dnf install v4l-utils",
  mpv: "Install it with your package manager, or leave out --player mpv to use ffplay",
};
