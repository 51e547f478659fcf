/**
 * The code that a person reads at the sender and types at the receiver.
 *
 * @module
 */

/** Digits of a code. */
export const CODE_DIGITS = 6;
/** How long a code is valid, in milliseconds. */
export const CODE_MS = 2 * 60_000;
/** How often it may be tried: somebody who guesses has 3 chances in a million. */
export const MAX_TRIES = 3;

/** Makes a code, each as probable as the others. */
export function randomCode(): string {
  const codes = 10 ** CODE_DIGITS;
  const end = Math.floor(2 ** 32 / codes) * codes;
  const numbers = new Uint32Array(1);
  do crypto.getRandomValues(numbers); while (numbers[0] >= end); // else low ones were more probable
  return `${numbers[0] % codes}`.padStart(CODE_DIGITS, "0");
}

/** Reads a code as a person types it: blanks and hyphens do not matter. @returns undefined if it is none */
export function parseCode(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, "");
  return digits.length === CODE_DIGITS && /^[0-9]+$/.test(digits) ? digits : undefined;
}

/** Writes a code in two groups, `123 456`. */
export function formatCode(code: string): string {
  return `${code.slice(0, CODE_DIGITS / 2)} ${code.slice(CODE_DIGITS / 2)}`;
}
