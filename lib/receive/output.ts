/**
 * What a receiver does with pictures: the contract of an output, and several outputs as one.
 *
 * @module
 */

import type { CamcatError } from "../base/errors.ts";
import type { Size } from "../base/size.ts";
import { LatestSlot } from "../jpeg/latest_slot.ts";
import { joinStatus, type Status } from "../program/console.ts";
import type { ReceivedFrame, ReceivedSound, ReceiveEvent } from "./received.ts";

/** A consumer of received frames: a window, a recording, standard output. */
export interface Output extends AsyncDisposable {
  /**
   * Resolves when the program should exit: with nothing if the output has done its work or the
   * user has closed it, or with the error that stopped it.
   */
  readonly ended: Promise<CamcatError | undefined>;
  /**
   * Takes a frame; resolves when the output is ready for the next one. An output that keeps the
   * frame longer calls `frame.retain()`. Never rejects.
   */
  take(received: ReceivedFrame): Promise<void> | void;
  /** Takes sound, at once. Sound is asked for only if an output has this. */
  hear?: ((sound: ReceivedSound) => void) | undefined;
  /** Receives every event of the connection. */
  follow?(event: ReceiveEvent): void;
  /** Figures for the status line. */
  status?(): Status | undefined;
  /** The size in pixels that it shows, if it knows: larger pictures would be wasted on it. */
  shownSize?(): Required<Size> | undefined;
  /**
   * Marks the beginning of frames that belong together, for a reason that somebody has given: an
   * output that writes several files may name them by it.
   */
  begin?(reason: string): void;
  /**
   * Marks the end of frames that belong together, such as those of one motion: an output that
   * writes several files completes the current one. Resolves when the output is ready for the
   * next frame. Never rejects.
   */
  pause?(): Promise<void> | void;
  /**
   * What has gone wrong although the output went on, such as frames missing in a recording. Asked
   * for when the output is closed, for the exit status.
   */
  failure?(): CamcatError | undefined;
}

/** For {@linkcode Output.ended} of an output that never stops the program. */
export const NEVER: Promise<never> = new Promise(() => {});

/**
 * Combines several outputs into one. The fastest sets the pace; each of the others gets the
 * newest frame as soon as it is ready for one.
 */
export function together(outputs: Output[]): Output {
  if (outputs.length === 1) return outputs[0];
  const feeds = outputs.map((output) => new OutputFeed(output));
  return {
    ended: outputs.length === 0 ? NEVER : Promise.race(outputs.map(({ ended }) => ended)),
    take(received) {
      for (const feed of feeds) feed.offer(received);
      if (feeds.length === 0 || feeds.some(({ isBusy }) => !isBusy)) return;
      return new Promise((resolve) => {
        const done = () => {
          for (const feed of feeds) feed.onIdle = undefined;
          resolve();
        };
        for (const feed of feeds) feed.onIdle = done;
      });
    },
    ...hearing(outputs),
    follow(event) {
      for (const output of outputs) output.follow?.(event);
    },
    status() {
      return joinStatus(...outputs.map((output) => output.status?.()));
    },
    failure() {
      return outputs.map((output) => output.failure?.()).find((error) => error !== undefined);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(outputs.map((output) => output[Symbol.asyncDispose]()));
    },
  };
}

/** Outputs that see every frame that another {@linkcode Output} gets. */
export interface Observers {
  /** Closed before it, because it depends on them. */
  before: Output[];
  /** Closed after it, because they hear what it does. */
  after: Output[];
}

/**
 * Lets observers see every frame that an output gets. They take each frame at once, and so do not
 * influence the pace.
 */
export function observed(output: Output, { before, after }: Observers): Output {
  const all = [...before, output, ...after];
  return {
    ended: output.ended,
    take(received) {
      for (const observer of before) observer.take(received);
      for (const observer of after) observer.take(received);
      return output.take(received);
    },
    ...hearing(all),
    follow(event) {
      for (const one of all) one.follow?.(event);
    },
    status() {
      return joinStatus(...all.map((one) => one.status?.()));
    },
    shownSize: () => output.shownSize?.(),
    failure() {
      return output.failure?.();
    },
    async [Symbol.asyncDispose]() {
      for (const one of all) await one[Symbol.asyncDispose]();
    },
  };
}

/** Passes sound on to the outputs that take it, if any does. */
function hearing(outputs: Output[]): Pick<Output, "hear"> {
  const hearers = outputs.filter(({ hear }) => hear !== undefined);
  if (hearers.length === 0) return {};
  return {
    hear(sound) {
      for (const output of hearers) output.hear!(sound);
    },
  };
}

/** Feeds one output; the newest frame waits while the output is busy with another. */
class OutputFeed {
  isBusy = false;
  onIdle: (() => void) | undefined;
  #output: Output;
  #waiting = new LatestSlot<ReceivedFrame>();

  constructor(output: Output) {
    this.#output = output;
  }

  offer(received: ReceivedFrame): void {
    if (this.isBusy) {
      this.#waiting.put(received);
      return;
    }
    const taken = this.#output.take(received);
    if (taken === undefined) return;
    this.isBusy = true;
    received.frame.retain();
    taken.then(() => {
      received.frame.release();
      this.isBusy = false;
      const next = this.#waiting.take();
      if (next !== undefined) {
        this.offer(next);
        next.frame.release();
      }
      if (!this.isBusy) this.onIdle?.();
    });
  }
}
