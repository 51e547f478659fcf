/**
 * The contract between a hub and one viewer.
 *
 * @module
 */

import type { EncodedFrame } from "./encoded_frame.ts";

/** A viewer of a `Hub`, over any transport. */
export interface FrameSink {
  /** Bytes of frames handed to the network. */
  readonly sentBytes: number;
  /** Frames replaced by newer ones before they could be sent. */
  readonly droppedFrames: number;
  /** Whole seconds without a sign of life: it has sent nothing, or a raw client taken nothing. */
  readonly silentSeconds: number;
  /** Resolves when its connection holds no descriptor any more. */
  readonly settled: Promise<void>;
  /** Serves the viewer until it disconnects. Never rejects. @returns why it disconnected */
  run(): Promise<string>;
  /** Offers the newest frame. Call `frame.retain()` to keep it. */
  offer(frame: EncodedFrame): void;
  /** Reports that `Hub.stream` has changed. */
  describe(): void;
  /** Called about once a second. */
  tick(): void;
  /** Disconnects it; a viewer that wants every frame first drains its queue, for at most `patienceMs`. */
  leave(reason: string, patienceMs: number): Promise<void>;
}
