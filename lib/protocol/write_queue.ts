/**
 * The writing half of a connection.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { encodeControl } from "./codec.ts";
import type { Connection } from "./connection.ts";
import type { Control } from "./control.ts";
import { ProtocolError } from "../base/errors.ts";
import type { Bytes } from "../jpeg/frame.ts";

/** Control messages that may wait for a write that is under way. */
const MAX_QUEUED = 64;

/** What an {@linkcode WriteQueue} tells its owner. */
export interface WriteQueueEvents {
  /** Everything is written: there is room for another frame. */
  idle?(): void;
  /** Writing failed; nothing can be written any more. */
  failed(error: unknown): void;
}

/**
 * One write at a time. Control messages queue and go before the next frame;
 * frames do not queue here at all: who has one waits until it is idle.
 */
export class WriteQueue {
  /** When the write under way began, undefined when idle. */
  writingSince: number | undefined;

  #connection: Connection;
  #events: WriteQueueEvents;
  #controls: Bytes[] = [];
  #settled: Promise<void> = Promise.resolve();
  #hasFailed = false;

  /** Writes to `connection`. */
  constructor(connection: Connection, events: WriteQueueEvents) {
    this.#connection = connection;
    this.#events = events;
  }

  /** Whether a frame may be written now. */
  get idle(): boolean {
    return this.writingSince === undefined;
  }

  /** Resolves when all that was to be written is, or writing has failed. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /**
   * Sends a control message as soon as what is under way is written. A peer that
   * makes us say more than it reads has failed.
   */
  control(message: Control): void {
    if (this.#hasFailed) return;
    if (this.#controls.length >= MAX_QUEUED) {
      this.#events.failed(
        new ProtocolError("Cannot keep up: a peer must read the answers to what it sends"),
      );
      return;
    }
    this.#controls.push(encodeControl(message));
    if (this.idle) this.#settled = this.#run();
  }

  /** Writes one frame; only when {@linkcode WriteQueue.idle}. `done` is called at its end, good or bad. */
  frame(bytes: Bytes, done: () => void): void {
    this.#settled = this.#run(bytes, done);
  }

  async #run(frame?: Bytes, done?: () => void): Promise<void> {
    let bytes = frame ?? this.#takeControls();
    try {
      while (bytes !== undefined) {
        this.writingSince = performance.now();
        // As writeAll() does, but a promise less for each frame.
        for (let rest = bytes; rest.length > 0;) {
          const count = await this.#connection.write(rest);
          if (count === rest.length) break;
          rest = rest.subarray(count);
        }
        done?.();
        done = undefined;
        bytes = this.#takeControls();
      }
    } catch (error) {
      done?.();
      this.#hasFailed = true;
      this.#events.failed(error);
      return;
    }
    this.writingSince = undefined;
    this.#events.idle?.();
  }

  #takeControls(): Bytes | undefined {
    const controls = this.#controls;
    if (controls.length === 0) return undefined;
    this.#controls = [];
    return controls.length === 1 ? controls[0] : concat(controls);
  }
}
