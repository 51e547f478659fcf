/**
 * How the files of a recording in segments are called.
 *
 * @module
 */

import { MATROSKA } from "./containers.ts";

const PATTERN = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d+)?\.mkv$/;

/**
 * The name of a segment: its start in local time, without the colons that some file systems
 * refuse.
 *
 * @param startMs in milliseconds since the Unix epoch
 * @param attempt 1, and more if the name before is taken
 */
export function segmentName(startMs: number, attempt = 1): string {
  const date = new Date(startMs);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const day = [date.getMonth() + 1, date.getDate()].map(two);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two);
  const name = `${[date.getFullYear(), ...day].join("-")}T${time.join("-")}`;
  return name + (attempt === 1 ? "" : `-${attempt}`) + MATROSKA.extension;
}

/** Whether a file is called like a segment. */
export function isSegmentName(name: string): boolean {
  return PATTERN.test(name);
}
