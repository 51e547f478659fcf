/**
 * A single picture.
 *
 * @module
 */

import { Frame } from "../jpeg/frame.ts";
import type { FrameSink, Hub } from "../send/hub.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";

/**
 * The newest picture of a hub, in memory of its own; the first one, if there is none
 * yet, because the camera is opened only now. Counts as a viewer meanwhile.
 *
 * @returns undefined if there is none until `signal` is aborted, or no signal
 */
export async function snapshot(hub: Hub, signal: AbortSignal): Promise<Frame | undefined> {
  const watcher = new OneFrame();
  const stop = () => watcher.leave();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  await hub.attend(watcher);
  signal.removeEventListener("abort", stop); // a signal for 10 s would keep the picture as long
  return watcher.frame;
}

/** Watches until it has seen one frame. */
class OneFrame implements FrameSink {
  readonly droppedFrames = 0;
  readonly settled: Promise<void> = Promise.resolve();
  frame: Frame | undefined;
  #gone = Promise.withResolvers<string>();

  get sentBytes(): number {
    return this.frame?.jpeg.length ?? 0;
  }

  run(): Promise<string> {
    return this.#gone.promise;
  }

  offer({ frame, live }: EncodedFrame): void {
    if (live) this.frame ??= Frame.from(frame.jpeg, frame);
    this.leave();
  }

  describe(): void {}

  tick(): void {}

  leave(): Promise<void> {
    this.#gone.resolve("has its picture");
    return Promise.resolve();
  }
}
