/**
 * Times and sizes, as people write and read them, and figures for machines.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

const MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Record<string, number> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/**
 * Reads a time: `10s`, `2.5m`, `1h`, `7d`.
 *
 * @returns milliseconds, more than 0
 * @throws {UsageError} if it is none
 */
export function duration(text: string): number {
  return read(text, MS) ?? fail("a time as 10s, 5m, 2h or 7d", text);
}

/**
 * Reads a number of bytes: `500MB`, `20GB`. A kB is 1000 bytes, as on the labels of disks.
 *
 * @returns bytes, more than 0
 * @throws {UsageError} if it is none
 */
export function byteCount(text: string): number {
  return read(text, BYTES) ?? fail("a size as 500MB or 20GB", text);
}

/** Bytes for people: `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const units = Object.entries(BYTES).reverse();
  const [unit, size] = units.find(([, size]) => bytes >= size) ?? ["bytes", 1];
  return `${(bytes / size).toFixed(size === 1 ? 0 : 1)} ${unit}`;
}

/** A time for people, in hours, minutes and seconds: `1:05:09`, `0:42`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => index === 0 ? `${part}` : `${part}`.padStart(2, "0")).join(":");
}

/** Milliseconds for people: `0.42 ms`, `12.3 ms`, `180 ms`. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return "-";
  return `${ms < 1 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

/** A number to three decimals at most, for machines; null for none. */
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
