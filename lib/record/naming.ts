/**
 * File names made from a time, for segments of a recording and snapshots.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";

/** The names that files have unless `--names` says otherwise, as `2026-11-21T19-26-47`. */
export const DEFAULT_NAMES = "%Y-%m-%dT%H-%M-%S";
/** The longest pattern; file systems allow names of 255 bytes. */
const MAX_PATTERN_CHARACTERS = 100;
/** So much of a reason is in a name. */
const MAX_REASON_CHARACTERS = 40;

/** The letters of strftime (POSIX) that a pattern may have, as what {@linkcode Naming} reads. */
const FIELDS: Record<string, string> = {
  Y: "(?<Y>[12]\\d{3})",
  m: "(?<m>0[1-9]|1[0-2])",
  d: "(?<d>0[1-9]|[12]\\d|3[01])",
  H: "(?<H>[01]\\d|2[0-3])",
  M: "(?<M>[0-5]\\d)",
  S: "(?<S>[0-5]\\d|60)",
};
/** What may be between them: nothing that any file system refuses. */
const LITERAL = /^[\p{L}\p{N} ._\/-]$/u;

/** What the name of a file tells. */
export interface NameParts {
  /** The time that it was made from, in milliseconds since the Unix epoch. */
  timeMs: number;
  /** Why there is such a file, as far as it is in the name; empty if nothing is. */
  reason: string;
}

/** Options of {@linkcode Naming}. */
export interface NamingOptions {
  /** A pattern of strftime with `%Y %m %d %H %M %S`, and folders. @default {DEFAULT_NAMES} */
  pattern?: string | undefined;
  /** Whether the times in names are UTC, and not local. @default {false} */
  isUtc?: boolean | undefined;
}

/** Makes names from times, and knows them again: nothing else may ever be deleted. */
export class Naming {
  /** How many folders are in a name. */
  readonly depth: number;

  #tokens: string[];
  #isUtc: boolean;
  #regExp: RegExp;

  /** @throws {UsageError} if the pattern cannot be used */
  constructor({ pattern = DEFAULT_NAMES, isUtc = false }: NamingOptions = {}) {
    this.#tokens = tokensOf(pattern);
    this.#isUtc = isUtc;
    this.depth = this.#tokens.filter((token) => token === "/").length;
    const source = this.#tokens.map((token) =>
      token.length === 2 ? FIELDS[token[1]] : RegExp.escape(token)
    ).join("");
    this.#regExp = new RegExp(`^${source}(?:_(?<reason>[\\p{L}\\p{N}-]+?))?(?:-\\d+)?$`, "u");
  }

  /**
   * A name relative to the folder of the files: `2026-11-21T19-26-47.mkv`.
   *
   * @param timeMs in milliseconds since the Unix epoch
   * @param extension with its dot
   * @param attempt 1, or more if the previous name is taken: it is in the name then
   * @param reason why there is such a file; its letters and digits are in the name:
   * `2026-11-21T19-26-47_door-bell.mkv`
   */
  name(timeMs: number, extension: string, attempt = 1, reason = ""): string {
    const date = new Date(this.#isUtc ? timeMs : timeMs - offsetMs(timeMs));
    const [year, month, day, hour, minute, second] = date.toISOString().split(/\D/);
    const values: Record<string, string> = {
      ...{ Y: year, m: month, d: day, H: hour, M: minute, S: second },
    };
    const time = this.#tokens.map((token) => token.length === 2 ? values[token[1]] : token).join(
      "",
    );
    const word = reason.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "")
      .slice(0, MAX_REASON_CHARACTERS);
    return `${time}${word && `_${word}`}${attempt === 1 ? "" : `-${attempt}`}${extension}`;
  }

  /** What a name tells; undefined if {@linkcode Naming.name} would not have made it. */
  read(name: string, extension: string): NameParts | undefined {
    if (!name.endsWith(extension)) return undefined;
    const { groups } = this.#regExp.exec(name.slice(0, -extension.length)) ?? {};
    if (groups === undefined) return undefined;
    const { Y, m, d, H, M, S, reason = "" } = groups;
    const parts = [Y, m, d, H, M, S].map(Number);
    parts[1]--;
    const [year, month, day, ...time] = parts;
    const timeMs = this.#isUtc
      ? Date.UTC(year, month, day, ...time)
      : new Date(year, month, day, time[0], time[1], time[2]).getTime();
    return { timeMs, reason };
  }
}

/** The pieces of a pattern: a field with its `%`, or one character. */
function tokensOf(pattern: string): string[] {
  const refuse = (must: string) => new UsageError(`${must}, received "${pattern}"`);
  if (pattern.length > MAX_PATTERN_CHARACTERS) {
    throw refuse(`it must have at most ${MAX_PATTERN_CHARACTERS} characters`);
  }
  const tokens = pattern.match(/%[^]|[^]/gu) ?? [];
  for (const token of tokens) {
    const isField = token.length === 2 && Object.hasOwn(FIELDS, token[1]) && token[0] === "%";
    if (isField || LITERAL.test(token)) continue;
    throw refuse("it must be made of %Y %m %d %H %M %S, letters, digits, spaces and ._-/");
  }
  for (const letter of Object.keys(FIELDS)) {
    if (tokens.filter((token) => token === `%${letter}`).length === 1) continue;
    throw refuse(`it must have %${letter} once, so that the name tells the time`);
  }
  if (pattern.split("/").some((part) => /^\.|^ |[. ]$|^$/.test(part))) {
    throw refuse("folders and files in it must have names, without a dot or space at an end");
  }
  return tokens;
}

/** How far local time is behind UTC, in milliseconds. */
function offsetMs(timeMs: number): number {
  return new Date(timeMs).getTimezoneOffset() * 60_000;
}
