/**
 * The picture for whatever shows an endless `multipart/x-mixed-replace`: browsers,
 * players, OpenCV, home automation.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Bytes, Frame } from "../jpeg/frame.ts";
import type { FrameSink } from "../send/hub.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";

/** The type of {@linkcode MultipartViewer.body}. */
export const MULTIPART_TYPE = "multipart/x-mixed-replace; boundary=camcat";

/** How long a viewer may take no byte. */
const SILENCE_MS = 60_000;

const UTF8 = new TextEncoder();
const BOUNDARY = UTF8.encode("--camcat\r\n");

/**
 * One frame as a part (RFC 2046 section 5.1). The boundary before it has been sent
 * already, and the one after it goes with it: browsers show a part only when the
 * next one begins.
 */
export function partOf(frame: Frame): Bytes {
  const header = UTF8.encode(
    "Content-Type: image/jpeg\r\n" +
      `Content-Length: ${frame.jpeg.length}\r\n` +
      `X-Timestamp: ${(frame.time / 1000).toFixed(6)}\r\n\r\n`,
  );
  // A copy: Deno may still be writing when the frame's memory is another one's.
  return concat([header, frame.jpeg, UTF8.encode("\r\n"), BOUNDARY]);
}

/** Watches a hub as the body of a response. It holds at most one frame, the newest. */
export class MultipartViewer implements FrameSink {
  /** What to answer with; its end is the viewer's, and the other way round. */
  readonly body: ReadableStream<Bytes>;
  /** Nothing is left of it once it has gone. */
  readonly settled: Promise<void> = Promise.resolve();
  sentBytes = 0;
  droppedFrames = 0;

  #next: EncodedFrame | undefined;
  #waitsSince = 0;
  #gone = Promise.withResolvers<string>();
  #hasGone = false;
  #wake: (() => void) | undefined;

  /** A viewer that leaves when the response has `completed`, well or not. */
  constructor(completed: Promise<void>) {
    const left = () => void this.leave("closed by the viewer");
    completed.then(left, left);
    this.body = new ReadableStream({
      start: (controller) => controller.enqueue(BOUNDARY),
      pull: (controller) => this.#pull(controller),
      cancel: left,
    }, { highWaterMark: 0 });
  }

  run(): Promise<string> {
    return this.#gone.promise;
  }

  offer(packet: EncodedFrame): void {
    if (this.#hasGone) return;
    if (this.#next === undefined) this.#waitsSince = performance.now();
    else {
      this.#next.frame.release();
      this.droppedFrames++;
    }
    packet.frame.retain();
    this.#next = packet;
    this.#wake?.();
  }

  describe(): void {
    // There is no way to tell; a picture that says NO SIGNAL comes.
  }

  tick(): void {
    if (this.#next !== undefined && performance.now() - this.#waitsSince > SILENCE_MS) {
      this.leave(`took nothing for ${SILENCE_MS / 1000} s`);
    }
  }

  leave(reason: string): Promise<void> {
    this.#hasGone = true;
    this.#next?.frame.release();
    this.#next = undefined;
    this.#gone.resolve(reason);
    this.#wake?.();
    return Promise.resolve();
  }

  async #pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    while (this.#next === undefined && !this.#hasGone) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#next === undefined) return controller.close();
    const { frame } = this.#next;
    this.#next = undefined;
    controller.enqueue(partOf(frame));
    this.sentBytes += frame.jpeg.length;
    frame.release();
  }
}
