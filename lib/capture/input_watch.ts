/**
 * Watches the input of an HDMI grabber, which may change its size at any time.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import type { CameraPort } from "./camera_port.ts";

/** How often to check whether the input of an HDMI grabber has changed. */
const INPUT_POLL_MS = 2000;

/** Ends a capture when the input of an HDMI grabber changes. */
export class InputWatch implements AsyncDisposable {
  /** From what to what it has changed. */
  change: string | undefined;
  #stop = new AbortController();
  #end = new AbortController();
  #done: Promise<void>;
  /** Ends the capture. */
  readonly signal: AbortSignal;

  /**
   * Begins to watch.
   *
   * @param timings what the input gets now; undefined for a camera without such an input
   * @param signal ends the capture, too
   */
  constructor(
    port: CameraPort,
    device: string,
    timings: string | undefined,
    signal: AbortSignal,
  ) {
    this.signal = timings === undefined ? signal : AbortSignal.any([signal, this.#stop.signal]);
    this.#done = timings === undefined ? Promise.resolve() : this.#run(port, device, timings);
  }

  async #run(port: CameraPort, device: string, timings: string): Promise<void> {
    for (;;) {
      await wait(INPUT_POLL_MS, this.#end.signal);
      if (this.#end.signal.aborted) return;
      const current = await port.inputTimings(device);
      if (current === undefined || current === timings) continue; // no signal for a moment
      this.change = `from ${timings} to ${current}`;
      this.#stop.abort();
      return;
    }
  }

  /** Stops watching. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#done;
  }
}
