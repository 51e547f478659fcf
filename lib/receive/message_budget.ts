/**
 * A bound on the control messages that a sender makes this receiver handle.
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import type { Control } from "../protocol/control.ts";

/** Messages that may come at once: those of minutes in which nothing was read. */
const MAX_TOKENS = 400;
/** Messages that may come in a second. A sender needs two or three. */
const PER_SECOND = 100;
/** A description of the stream costs this much: windows, hooks and the console follow it. */
const STREAM_TOKENS = 10;

/** Counts control messages, apart from those that belong to a frame. */
export class MessageBudget {
  #tokens = MAX_TOKENS;

  /** Lets time pass, in milliseconds. */
  pass(ms: number): void {
    this.#tokens = Math.min(MAX_TOKENS, this.#tokens + PER_SECOND * ms / 1000);
  }

  /** Counts a message. @throws {ProtocolError} if there were too many */
  spend({ type }: Control): void {
    this.#tokens -= type === "stream" ? STREAM_TOKENS : 1;
    if (this.#tokens >= 0) return;
    throw new ProtocolError(
      `Cannot take more than ${PER_SECOND} control messages a second, or ${
        PER_SECOND / STREAM_TOKENS
      } descriptions of the stream`,
    );
  }
}
