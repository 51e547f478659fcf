// Types of the few @std functions camcat uses: the npm package that republishes
// @std carries JavaScript only. Every import of it names this file.

/** @std/cli: what parseArgs() gives back, names to values, operands under `_`. */
export interface ParsedArgs {
  _: string[];
  [name: string]: unknown;
}

/** @std/cli: options of {@linkcode parseArgs}. */
export interface ParseArgsOptions {
  string?: string[];
  boolean?: string[];
  collect?: string[];
  alias?: Record<string, string>;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** @std/cli/parse-args */
export function parseArgs(
  args: readonly string[],
  options?: ParseArgsOptions,
): ParsedArgs;

/** @std/text/closest-string */
export function closestString(
  word: string,
  candidates: readonly string[],
): string;

/** @std/bytes/concat */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;

/** @std/assert */
export function assert(value: unknown, message?: string): asserts value;
/** @std/assert */
export function assertEquals<T>(actual: T, expected: T, message?: string): void;
/** @std/assert */
export function assertThrows<E extends Error>(
  action: () => unknown,
  errorClass?: abstract new (...args: never[]) => E,
  messageIncludes?: string,
  message?: string,
): E;
/** @std/assert */
export function assertRejects<E extends Error>(
  action: () => Promise<unknown>,
  errorClass?: abstract new (...args: never[]) => E,
  messageIncludes?: string,
  message?: string,
): Promise<E>;
/** @std/assert */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void;
/** @std/assert */
export function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void;

/** @std/crypto/timing-safe-equal */
export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
