/**
 * The connection of a call on which its two ends talk about the call itself.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { now } from "../base/clock.ts";
import { ProtocolError, wordsOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { ReadBudget } from "../pacing/read_budget.ts";
import { isControl, MessageReader } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import type { Hangup, Refuse } from "../protocol/call_messages.ts";
import type { Control } from "../protocol/control.ts";
import { WriteQueue } from "../protocol/write_queue.ts";

/** How often the other end is pinged. */
const PING_MS = 1000;
/** After so long without a byte the other end may be elsewhere. */
const QUIET_MS = 2500;
/** After so long without a byte the line is dead. */
const SILENCE_MS = 10_000;
/** How long the other end may take to read the last message. */
const LAST_MS = 1000;

/** The line of a call. Both ends ping, and so notice when it is dead. */
export class Line {
  /** Resolves with why it has ended. */
  readonly ended: Promise<string>;
  /** Whether it has ended because the other end says what is not said on a line. */
  isForeign = false;

  #connection: Connection;
  #writeQueue: WriteQueue;
  #closed = new AbortController();
  #end = Promise.withResolvers<string>();
  #heardAt = performance.now();
  #isQuiet = false;
  #onQuiet: ((isQuiet: boolean) => void) | undefined;

  /**
   * @param onMessage called with every message of the other end but pings and pongs
   * @param onQuiet called when the other end says nothing, and when it is heard again
   */
  constructor(
    connection: Connection,
    onMessage: (message: Control) => void,
    onQuiet?: (isQuiet: boolean) => void,
  ) {
    this.#connection = connection;
    this.#onQuiet = onQuiet;
    this.ended = this.#end.promise;
    this.#writeQueue = new WriteQueue(connection, { failed: (error) => this.#close(error) });
    const timer = setInterval(() => this.#tick(), PING_MS);
    this.ended.then(() => clearInterval(timer));
    this.#read(onMessage);
  }

  /** Says something. */
  say(message: Control): void {
    this.#writeQueue.control(message);
  }

  /** Says that it is over, and closes the line when the other end has, or after a second. */
  async close(last?: Hangup | Refuse): Promise<void> {
    if (last !== undefined) {
      this.say(last);
      await within(this.ended, LAST_MS); // what is on its way would be lost
    }
    this.#close("closed");
  }

  /** Closes the line without a word: it leads nowhere. */
  abandon(reason: string): void {
    this.#close(reason);
  }

  async #read(onMessage: (message: Control) => void): Promise<void> {
    const reader = new MessageReader({ maxFrameBytes: 0 });
    const budget = new ReadBudget();
    try {
      for (let count; (count = await this.#connection.read(reader.space())) !== null;) {
        this.#heardAt = performance.now();
        for (const message of reader.commit(count)) {
          if (!isControl(message)) continue;
          if (message.type === "ping") this.#writeQueue.pong(message.time);
          else if (message.type !== "pong") onMessage(message);
          if (message.type === "hangup") return this.#close("the other end has hung up");
        }
        const pauseMs = budget.take(count);
        if (pauseMs > 0) await wait(pauseMs, this.#closed.signal);
      }
      this.#close("the other end closed the connection");
    } catch (error) {
      this.isForeign = error instanceof ProtocolError;
      this.#close(error);
    }
  }

  #tick(): void {
    const silentMs = performance.now() - this.#heardAt;
    if (silentMs > SILENCE_MS) return this.#close("the other end does not answer");
    this.say({ type: "ping", time: now() });
    if (this.#isQuiet === silentMs > QUIET_MS) return;
    this.#isQuiet = !this.#isQuiet;
    this.#onQuiet?.(this.#isQuiet);
  }

  #close(reason: unknown): void {
    this.#closed.abort();
    closeQuietly(this.#connection);
    this.#end.resolve(wordsOf(reason));
  }
}
