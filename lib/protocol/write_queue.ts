/**
 * The write queue of a connection.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { encodeControl } from "./codec.ts";
import type { Connection } from "./connection.ts";
import type { Control } from "./control.ts";
import { now } from "../base/clock.ts";
import { ProtocolError } from "../base/errors.ts";
import type { Bytes } from "../jpeg/frame.ts";

/** Control messages that may wait for the current write. */
const MAX_QUEUED = 64;

/** Events of a {@linkcode WriteQueue}. */
export interface WriteQueueEvents {
  /** Everything is written, and a frame may follow. */
  idle?(): void;
  /** A write failed. Nothing can be written after that. */
  failed(error: unknown): void;
}

/**
 * Writes one thing at a time. Control messages queue, and leave before the next frame.
 * Frames do not queue here: their owner waits until the queue is idle.
 */
export class WriteQueue {
  /** When the current write began, in milliseconds of `performance.now()`; undefined when idle. */
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

  /** Resolves when everything is written, or a write has failed. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /**
   * Sends a control message after the current write. A peer that causes more messages
   * than it reads has failed.
   */
  control(message: Control): void {
    if (this.#hasFailed) return;
    if (this.#controls.length >= MAX_QUEUED) {
      this.#events.failed(
        new ProtocolError("Cannot keep up: a peer must read the answers to its messages"),
      );
      return;
    }
    this.#controls.push(encodeControl(message));
    if (this.idle) this.#settled = this.#run();
  }

  /** Answers a ping of the peer's, which carried `time`. */
  pong(time: number): void {
    this.control({ type: "pong", time, clock: now() });
  }

  /** Writes one frame; only when {@linkcode WriteQueue.idle}. Calls `done` when it is written or has failed. */
  frame(bytes: Bytes, done: () => void): void {
    this.#settled = this.#run(bytes, done);
  }

  async #run(frame?: Bytes, done?: () => void): Promise<void> {
    let bytes = frame ?? this.#takeControls();
    try {
      while (bytes !== undefined) {
        this.writingSince = performance.now();
        // Like writeAll(), with one promise fewer per frame.
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
