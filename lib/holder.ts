/**
 * Who holds a device.
 *
 * @module
 */

import { askIfInstalled } from "./cameras.ts";

/** How many are named at most. */
const MAX_NAMED = 3;

/**
 * The programs that have a device open, as `ffmpeg (process 1234)`; of other users only
 * root sees them. Nothing where there is no `fuser`: Deno lets a program look into
 * /proc itself only if it may do everything.
 */
export async function holdersOf(device: string): Promise<string[]> {
  const answer = await askIfInstalled("fuser", ["-v", device]);
  return answer === undefined ? [] : parseHolders(answer.text, answer.lines);
}

/**
 * Reads the table that `fuser -v DEVICE` prints: user, process, access, command. The
 * column of the processes goes to standard output, the rest to standard error.
 */
export function parseHolders(text: string, lines: string[]): string[] {
  const processes = text.trim().split(/\s+/);
  return lines
    .flatMap((line) => /^(?:\/\S+:)?\s+\S+\s+[a-zA-Z.]{5,}\s+(\S.*?)\s*$/.exec(line)?.[1] ?? [])
    .filter((command) => command !== "COMMAND")
    .map((command, index) => `${command} (process ${processes[index]})`)
    .slice(0, MAX_NAMED);
}
