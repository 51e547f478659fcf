/**
 * Getting the key of a sender from its user, who reads the code there and types it here.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { CamcatError, KeyError } from "../base/errors.ts";
import { ask } from "../program/ask.ts";
import type { Console } from "../program/console.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import { encodeControl } from "../protocol/codec.ts";
import { closeQuietly } from "../protocol/connection.ts";
import { PROTOCOL_VERSION } from "../protocol/control.ts";
import { readControl } from "../protocol/read_control.ts";
import { dial } from "../security/dial.ts";
import type { Key } from "../security/key.ts";
import { MAX_TRIES, parseCode } from "./code.ts";

/** How long a sender may take to say whether it shows a code. */
const ANSWER_MS = 5000;

/**
 * Gets the key of a sender that shows a code, by asking for that on the terminal.
 *
 * @param program what shows the code
 * @returns undefined if it shows none or cannot be reached, or the user types none
 * @throws {CamcatError} if no code was right
 */
export async function askForKey(
  address: Address,
  console: Console,
  signal: AbortSignal,
  program: "sender" | "call",
): Promise<Key | undefined> {
  if (await triesAt(address, signal) === undefined) return undefined;
  const to = formatAddress(address);
  const question = program === "call"
    ? `Code shown at the other end, ${to}: `
    : `Code shown by the sender at ${to}: `;
  const warn = (reason: string) => console.warn({ event: "pairing-failed", to, reason }, reason);
  // Each code that is typed is one guess for somebody in the middle: no more than at the sender.
  for (let tried = 1;; tried++) {
    const code = await askForCode(question, warn, signal);
    if (code === undefined) return undefined;
    // The cryptography, which only a new viewer needs.
    const { pairWith } = await import("./pair_with.ts");
    try {
      return await pairWith(address, code, signal);
    } catch (cause) {
      if (!(cause instanceof KeyError)) throw cause;
      if (!cause.tries || tried === MAX_TRIES) {
        const sentence = `${cause.message}. Run \`${program} --pair\` there for another code`;
        throw new CamcatError(sentence, { cause });
      }
      warn(cause.message);
    }
  }
}

/** Six digits; undefined if the user types nothing. */
async function askForCode(
  question: string,
  warn: (reason: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (;;) {
    const text = await ask(question, signal);
    if (!text) return undefined;
    const code = parseCode(text);
    if (code !== undefined) return code;
    warn("A code has 6 digits");
  }
}

/**
 * How often a code may be tried at a sender: it says that to whoever asks for its cameras without the
 * key. Undefined if it shows no code, or does not answer: whatever is wrong then is reported later.
 */
async function triesAt(address: Address, signal: AbortSignal): Promise<number | undefined> {
  try {
    const connection = await dial(address, { signal });
    const timer = setTimeout(() => closeQuietly(connection), ANSWER_MS);
    using _ = onAbort(signal, () => closeQuietly(connection));
    try {
      await connection.write(encodeControl({ type: "list", version: PROTOCOL_VERSION }));
      const message = await readControl(connection);
      return message?.type === "bye" ? message.tries : undefined;
    } finally {
      clearTimeout(timer);
      closeQuietly(connection);
    }
  } catch {
    return undefined;
  }
}
