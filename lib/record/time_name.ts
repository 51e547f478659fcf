/**
 * File names made from a time, for segments of a recording and snapshots.
 *
 * @module
 */

const PATTERN = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d+)?$/;

/**
 * A name from the local time to the second, without the colons that some file systems refuse:
 * `2026-11-21T19-26-47.mkv`.
 *
 * @param timeMs in milliseconds since the Unix epoch
 * @param extension with its dot
 * @param attempt 1, or more if the previous name is taken
 */
export function timeName(timeMs: number, extension: string, attempt = 1): string {
  const date = new Date(timeMs);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("-");
  return `${day}T${time}${attempt === 1 ? "" : `-${attempt}`}${extension}`;
}

/** Whether {@linkcode timeName} could have made this name. */
export function isTimeName(name: string, extension: string): boolean {
  return name.endsWith(extension) && PATTERN.test(name.slice(0, -extension.length));
}
