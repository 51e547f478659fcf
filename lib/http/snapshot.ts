/**
 * A single picture from a camera.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { Frame } from "../jpeg/frame.ts";
import type { FrameSink } from "../send/frame_sink.ts";
import { RenditionSink, type Wanted } from "../send/rendition_sink.ts";
import type { Hub } from "../send/hub.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";

/**
 * The newest picture of `hub`, as a copy. If there is none yet, because the camera is only opened
 * for it, waits for the first. Counts as a viewer while it waits.
 *
 * @param wanted its size and quality; undefined for the camera's own picture
 * @returns undefined if there is no picture before `signal` is aborted, or the capture is lost
 */
export async function snapshot(
  hub: Hub,
  wanted: Wanted | undefined,
  signal: AbortSignal,
): Promise<Frame | undefined> {
  const viewer = new OneFrame();
  using _ = onAbort(signal, () => viewer.leave());
  await hub.attend(
    wanted === undefined ? viewer : new RenditionSink(viewer, hub.renditions, wanted),
  );
  return viewer.frame;
}

/** A viewer that leaves after one frame. */
class OneFrame implements FrameSink {
  readonly droppedFrames = 0;
  readonly silentSeconds = 0;
  readonly settled: Promise<void> = Promise.resolve();
  frame: Frame | undefined;
  #left = Promise.withResolvers<string>();

  get sentBytes(): number {
    return this.frame?.jpeg.length ?? 0;
  }

  run(): Promise<string> {
    return this.#left.promise;
  }

  offer({ frame, live }: EncodedFrame): void {
    if (live) this.frame ??= Frame.from(frame.jpeg, frame);
    this.leave();
  }

  describe(): void {}

  tick(): void {}

  leave(): Promise<void> {
    this.#left.resolve("has its picture");
    return Promise.resolve();
  }
}
