/**
 * Texts from elsewhere, made fit to be shown.
 *
 * @module
 */

/** The first 200 characters: enough for any text in a control message, and little enough for all. */
export function cut(text: string): string {
  return text.slice(0, 200).toWellFormed();
}

/** Replaces what could drive a terminal or turn text around: control and format characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

/** Names alternatives: `a`, `a or b`, `a, b, or c`. */
export function either(words: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(words);
}
