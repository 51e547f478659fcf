/**
 * Durations, byte counts and rates: parsed from options, formatted for people and for JSON.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

const MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BITS: Record<string, number> = { k: 1e3, M: 1e6, kbit: 1e3, Mbit: 1e6 };
const BYTES: Record<string, number> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/**
 * Parses a duration: `10s`, `2.5m`, `1h`, `7d`.
 *
 * @returns milliseconds, more than 0
 * @throws {UsageError} if `text` is not a duration
 */
export function parseDuration(text: string): number {
  return read(text, MS) ?? fail("a duration such as 10s, 5m, 2h or 7d", text);
}

/**
 * Parses how often: `1/min`, `2/h`.
 *
 * @returns the time between two, in milliseconds, at least 40
 * @throws {UsageError} if `text` does not tell how often
 */
export function parseFrequency(text: string): number {
  const [, count, unit] = /^(\d{1,5})\/(s|min|h|d)$/.exec(text) ?? [];
  const units: Record<string, number> = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  const ms = units[unit ?? ""] / Number(count);
  return ms >= 40 && ms < Infinity
    ? ms
    : fail("how often, at most 25/s, such as 1/min or 6/h", text);
}

/**
 * Parses a byte count: `500MB`, `20GB`. A kB is 1000 bytes, as on disk labels.
 *
 * @returns bytes, more than 0
 * @throws {UsageError} if `text` is not a byte count
 */
export function parseBytes(text: string): number {
  return read(text, BYTES) ?? fail("a size such as 500MB or 20GB", text);
}

/**
 * Parses a rate: `500k`, `2M`.
 *
 * @returns bits per second, more than 0
 * @throws {UsageError} if `text` is not a rate
 */
export function parseRate(text: string): number {
  return read(text, BITS) ?? fail("a rate in bits per second such as 500k or 2M", text);
}

/**
 * Parses a level of sound by its distance from the loudest possible: `30`, `30dB`, `-30`.
 *
 * @returns decibels, -126 to 0, which is the loudest possible
 * @throws {UsageError} if `text` is not a level
 */
export function parseLevel(text: string): number {
  const [, db] = /^-?(\d{1,3}) ?(?:dB)?$/i.exec(text) ?? [];
  return db !== undefined && Number(db) <= 126
    ? 0 - Number(db)
    : fail("decibels below the loudest possible, 0 to 126, such as 30", text);
}

/** Formats a byte count: `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const units = Object.entries(BYTES).reverse();
  const [unit, size] = units.find(([, size]) => bytes >= size) ?? ["bytes", 1];
  return `${(bytes / size).toFixed(size === 1 ? 0 : 1)} ${unit}`;
}

/** Formats a duration in hours, minutes and seconds: `1:05:09`, `0:42`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => index === 0 ? `${part}` : `${part}`.padStart(2, "0")).join(":");
}

/** Formats milliseconds: `0.42 ms`, `12.3 ms`, `180 ms`; `-` for undefined. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return "-";
  return `${ms < 1 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

/** Rounds to three decimals, for JSON; null for undefined. */
export function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}

function read(text: string, units: Record<string, number>): number | undefined {
  const [, digits, name] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(text) ?? [];
  const unit = Object.keys(units).find((unit) => unit.toLowerCase() === name?.toLowerCase());
  const value = unit === undefined ? 0 : Number(digits) * units[unit];
  return value > 0 ? value : undefined;
}

function fail(what: string, text: string): never {
  throw new UsageError(`it must be ${what}, received "${text}"`);
}
