/**
 * File names made from a time, for segments of a recording and snapshots.
 *
 * @module
 */

const PATTERN = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(_[\p{L}\p{N}_-]+)?(-\d+)?$/u;
/** So much of a reason is in a name. */
const MAX_REASON_CHARACTERS = 40;

/**
 * A name from the local time to the second, without the colons that some file systems refuse:
 * `2026-11-21T19-26-47.mkv`.
 *
 * @param timeMs in milliseconds since the Unix epoch
 * @param extension with its dot
 * @param attempt 1, or more if the previous name is taken
 * @param reason why there is such a file; its letters and digits are in the name:
 * `2026-11-21T19-26-47_door-bell.mkv`
 */
export function timeName(timeMs: number, extension: string, attempt = 1, reason = ""): string {
  const date = new Date(timeMs);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("-");
  const word = reason.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "")
    .slice(0, MAX_REASON_CHARACTERS);
  return `${day}T${time}${word && `_${word}`}${attempt === 1 ? "" : `-${attempt}`}${extension}`;
}

/** Whether {@linkcode timeName} could have made this name. */
export function isTimeName(name: string, extension: string): boolean {
  return name.endsWith(extension) && PATTERN.test(name.slice(0, -extension.length));
}
