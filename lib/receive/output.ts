/**
 * What is done with received pictures.
 *
 * @module
 */

import { joinStatus, type Status } from "../program/console.ts";
import type { CamcatError } from "../base/errors.ts";
import type { ReceivedFrame, ReceiveEvent } from "./receive.ts";

/** Something that takes pictures as they come: a window, a recording. */
export interface Output extends AsyncDisposable {
  /** Resolves when it is over and the program should end: with nothing, or with why it failed. */
  readonly ended: Promise<CamcatError | undefined>;
  /** Takes a frame; resolves when it can take the next. It has to hold what it keeps. Never rejects. */
  take(received: ReceivedFrame): Promise<void> | void;
  /** Is told what happens to the connection. */
  follow?(event: ReceiveEvent): void;
  /** Figures of its own, for the status line. */
  status?(): Status | undefined;
  /**
   * Is told that what belongs together has ended, as a motion has: a file of it can be completed
   * where there can be another one. The next frame begins anew. Resolves when it can take that.
   * Never rejects.
   */
  pause?(): Promise<void> | void;
}

/** For an {@linkcode Output} that does not end by itself. */
export const NEVER: Promise<never> = new Promise(() => {});

/**
 * Makes one output of several. The quickest sets the pace at which frames are taken;
 * each of the others gets the newest whenever it can take one.
 */
export function together(outputs: Output[]): Output {
  if (outputs.length === 1) return outputs[0];
  const slots = outputs.map((output) => new Slot(output));
  return {
    ended: outputs.length === 0 ? NEVER : Promise.race(outputs.map(({ ended }) => ended)),
    take(received) {
      for (const slot of slots) slot.offer(received);
      if (slots.length === 0 || slots.some(({ isBusy }) => !isBusy)) return;
      return new Promise((resolve) => {
        const done = () => {
          for (const slot of slots) slot.onIdle = undefined;
          resolve();
        };
        for (const slot of slots) slot.onIdle = done;
      });
    },
    follow(event) {
      for (const output of outputs) output.follow?.(event);
    },
    status() {
      return joinStatus(...outputs.map((output) => output.status?.()));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(outputs.map((output) => output[Symbol.asyncDispose]()));
    },
  };
}

/** What sees all that an {@linkcode Output} gets. */
export interface Observers {
  /** Closed before it: what it gets depends on them. */
  before: Output[];
  /** Closed after it: they are told what it does. */
  after: Output[];
}

/**
 * Lets observers see all that an output gets. They take every frame at once, and so have no say
 * in the pace at which frames are taken.
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
    follow(event) {
      for (const one of all) one.follow?.(event);
    },
    status() {
      return joinStatus(...all.map((one) => one.status?.()));
    },
    async [Symbol.asyncDispose]() {
      for (const one of all) await one[Symbol.asyncDispose]();
    },
  };
}

/** Holds the newest frame for an output that is busy with another. */
class Slot {
  isBusy = false;
  onIdle: (() => void) | undefined;
  #output: Output;
  #waiting: ReceivedFrame | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  offer(received: ReceivedFrame): void {
    if (this.isBusy) {
      this.#waiting?.frame.release();
      this.#waiting = { ...received, frame: received.frame.retain() };
      return;
    }
    const taken = this.#output.take(received);
    if (taken === undefined) return;
    this.isBusy = true;
    received.frame.retain();
    taken.then(() => {
      received.frame.release();
      this.isBusy = false;
      const next = this.#waiting;
      this.#waiting = undefined;
      if (next !== undefined) {
        this.offer(next);
        next.frame.release();
      }
      if (!this.isBusy) this.onIdle?.();
    });
  }
}
