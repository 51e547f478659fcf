/**
 * What an output shows while nothing arrives: NO SIGNAL, and since when.
 *
 * @module
 */

import { clockStepMs, now } from "../base/clock.ts";
import type { Size } from "../base/size.ts";
import { Frame } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { NO_SIGNAL_MS, noSignal } from "../jpeg/no_signal.ts";
import type { ReceivedFrame, ReceiveEvent } from "./received.ts";

/** Shows NO SIGNAL once a second, in the size and since the time of the last picture. */
export class NoSignalLoop {
  #show: (frame: Frame) => Promise<void>;
  #ticker: ReturnType<typeof setTimeout> | undefined;
  #last: Frame | undefined;
  /** When the last live picture was captured, in milliseconds since the Unix epoch. */
  #liveMs: number | undefined;

  /** @param show resolves when the picture was taken; the next one waits for that */
  constructor(show: (frame: Frame) => Promise<void>) {
    this.#show = show;
  }

  /** The last frame from the sender. */
  get last(): Frame | undefined {
    return this.#last;
  }

  /** Takes note of a frame from the sender, and ends. */
  take({ frame, capturedAt, live }: ReceivedFrame): void {
    this.#stop();
    frame.retain();
    this.#last?.release();
    this.#last = frame;
    if (live) this.#liveMs = (capturedAt ?? now()) + clockStepMs();
  }

  /**
   * Begins when nothing comes from the sender, and ends when it is heard again: the last frame is
   * shown again then, because a slow camera may not send another one soon.
   *
   * @param name of the stream
   * @param size of the pictures, in pixels. @default that of the last frame
   */
  follow({ type }: ReceiveEvent, name: string, size = this.#size): void {
    if (type === "lost" || type === "silent") this.#begin(name, size);
    else if (type === "heard") this.#resume();
  }

  get #size(): Required<Size> | undefined {
    return this.#last && sizeOf(this.#last.jpeg);
  }

  #begin(name: string, size: Required<Size> | undefined): void {
    if (this.#ticker !== undefined) return;
    const since = this.#liveMs ?? Date.now();
    let isTaken = true; // by the player, which may be stuck
    const show = async () => {
      if (!isTaken) return;
      isTaken = false;
      const time = Date.now();
      await this.#show(Frame.from(noSignal(name, since, time, size), { time }));
      isTaken = true;
    };
    this.#ticker = setInterval(show, NO_SIGNAL_MS);
    show();
  }

  async #resume(): Promise<void> {
    const last = this.#last;
    if (this.#ticker === undefined || last === undefined) return;
    this.#stop();
    last.retain();
    await this.#show(last);
    last.release();
  }

  /** Ends for good. */
  end(): void {
    this.#stop();
    this.#last?.release();
    this.#last = undefined;
  }

  #stop(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}
