/**
 * A span of time, as people write it.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import { parseDuration } from "../base/quantity.ts";

/** From one time to another, in milliseconds since the Unix epoch. */
export interface Span {
  /** Its first moment. */
  fromMs: number;
  /** The moment after it. */
  toMs: number;
}

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(?:(\d{4})-(\d\d)-(\d\d)[T ])?(\d\d):(\d\d)(?::(\d\d))?$/;

/**
 * Parses `FROM..TO` in local time. Each is `2026-11-26T15:20`, `15:20` (today, or the day of FROM),
 * a whole day `2026-11-26`, or how long ago: `90m`. FROM may be missing for everything until TO, and
 * TO for everything until now.
 *
 * @param now in milliseconds since the Unix epoch
 * @throws {UsageError} if it is no span
 */
export function parseSpan(text: string, now: number = Date.now()): Span {
  const [, from, to] = /^(.*?)\.\.(.*)$/.exec(text) ?? [];
  const refuse = () =>
    new UsageError(
      `it must be FROM..TO, such as 2026-11-26T15:20..15:40, 14:00..15:00 or 90m..60m, received "${text}"`,
    );
  if (from === undefined || from === "" && to === "") throw refuse();
  const fromMs = from === "" ? -Infinity : timeOf(from, now, now, 0);
  const toMs = to === "" ? now : timeOf(to, now, fromMs === -Infinity ? now : fromMs, 1);
  if (fromMs === undefined || toMs === undefined) throw refuse();
  if (toMs <= fromMs) throw new UsageError(`its end must be after its start, received "${text}"`);
  return { fromMs, toMs };
}

/**
 * @param dayMs a moment of the day that a time without one belongs to
 * @param daysOn what a whole day stands for: 0 for its start, 1 for its end
 */
function timeOf(
  text: string,
  now: number,
  dayMs: number | undefined,
  daysOn: number,
): number | undefined {
  const day = DAY.exec(text);
  if (day !== null) return dateOf(day.slice(1), [`${24 * daysOn}`]);
  const time = TIME.exec(text);
  if (time !== null) {
    const date = new Date(dayMs ?? now);
    const today = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(String);
    return dateOf(time[1] === undefined ? today : time.slice(1, 4), time.slice(4));
  }
  try {
    return now - parseDuration(text);
  } catch {
    return undefined;
  }
}

function dateOf(day: string[], time: (string | undefined)[]): number | undefined {
  const [year, month, date] = day.map(Number);
  const [hour, minute, second] = [0, 1, 2].map((index) => Number(time[index] ?? 0));
  const isRight = month >= 1 && month <= 12 && date >= 1 && date <= 31 && hour <= 24 &&
    minute < 60 && second < 60;
  return isRight ? new Date(year, month - 1, date, hour, minute, second).getTime() : undefined;
}
