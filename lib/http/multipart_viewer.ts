/**
 * A viewer that gets `multipart/x-mixed-replace`, an endless response of JPEGs: browsers, players,
 * OpenCV, home automation.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Bytes, Frame } from "../jpeg/frame.ts";
import type { FrameSink } from "../send/hub.ts";
import { LatestSlot } from "../jpeg/latest_slot.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";

/** The type of {@linkcode MultipartViewer.body}. */
export const MULTIPART_TYPE = "multipart/x-mixed-replace; boundary=camcat";

/** Longest time in which a viewer may accept no data. */
const SILENCE_MS = 60_000;

const UTF8 = new TextEncoder();
const BOUNDARY = UTF8.encode("--camcat\r\n");

/**
 * One frame as a part (RFC 2046 section 5.1), and the boundary after it: browsers show a part only
 * when they receive the next boundary. The boundary before it was sent with the part before.
 */
export function partWithBoundary(frame: Frame): Bytes {
  const header = UTF8.encode(
    "Content-Type: image/jpeg\r\n" +
      `Content-Length: ${frame.jpeg.length}\r\n` +
      `X-Timestamp: ${(frame.time / 1000).toFixed(6)}\r\n\r\n`,
  );
  // A copy: Deno may still be writing it when the frame's memory is used again.
  return concat([header, frame.jpeg, UTF8.encode("\r\n"), BOUNDARY]);
}

/** Sends frames as the body of a response. At most one frame waits, the newest. */
export class MultipartViewer implements FrameSink {
  /** The body of the response. It ends when the viewer leaves, and the reverse. */
  readonly body: ReadableStream<Bytes>;
  /** Resolved: it holds no resource of its own. */
  readonly settled: Promise<void> = Promise.resolve();
  sentBytes = 0;
  droppedFrames = 0;

  #slot = new LatestSlot<EncodedFrame>();
  #waitsSince = 0;
  #left = Promise.withResolvers<string>();
  #hasLeft = false;
  #wake: (() => void) | undefined;

  /** Leaves when the response has `completed`, successfully or not. */
  constructor(completed: Promise<void>) {
    const leave = () => void this.leave("closed by the viewer");
    completed.then(leave, leave);
    this.body = new ReadableStream({
      start: (controller) => controller.enqueue(BOUNDARY),
      pull: (controller) => this.#pull(controller),
      cancel: leave,
    }, { highWaterMark: 0 });
  }

  run(): Promise<string> {
    return this.#left.promise;
  }

  offer(encoded: EncodedFrame): void {
    if (this.#hasLeft) return;
    if (this.#slot.item === undefined) this.#waitsSince = performance.now();
    if (this.#slot.put(encoded)) this.droppedFrames++;
    this.#wake?.();
  }

  describe(): void {
    // The format has no messages; the NO SIGNAL picture says it.
  }

  tick(): void {
    if (this.#slot.item !== undefined && performance.now() - this.#waitsSince > SILENCE_MS) {
      this.leave(`accepted no data for ${SILENCE_MS / 1000} s`);
    }
  }

  leave(reason: string): Promise<void> {
    this.#hasLeft = true;
    this.#slot.clear();
    this.#left.resolve(reason);
    this.#wake?.();
    return Promise.resolve();
  }

  async #pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    while (this.#slot.item === undefined && !this.#hasLeft) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const encoded = this.#slot.take();
    if (encoded === undefined) return controller.close();
    const { frame } = encoded;
    controller.enqueue(partWithBoundary(frame));
    this.sentBytes += frame.jpeg.length;
    frame.release();
  }
}
