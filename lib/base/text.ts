/**
 * Texts from other programs, peers and the command line, made safe to show.
 *
 * @module
 */

import { withoutSecrets } from "./secrets.ts";

/** The first 200 characters: the limit for texts in control messages. */
export function cut(text: string): string {
  return text.slice(0, 200).toWellFormed();
}

/**
 * Makes a text safe to show on one line: without secrets, and with replacements for control and
 * format characters, which could drive a terminal or reverse the text.
 */
export function safeText(text: string): string {
  return withoutSecrets(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

/** Joins alternatives: `a`, `a or b`, `a, b, or c`. */
export function either(words: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(words);
}
