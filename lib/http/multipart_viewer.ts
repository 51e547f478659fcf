/**
 * A viewer that gets `multipart/x-mixed-replace`, an endless response of JPEGs: browsers, players,
 * OpenCV, home automation.
 *
 * @module
 */

import type { Connection } from "../protocol/connection.ts";
import type { Bytes, Frame } from "../jpeg/frame.ts";
import type { FrameSink } from "../send/frame_sink.ts";
import { LatestSlot } from "../jpeg/latest_slot.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";
import { EndlessResponse } from "./endless_response.ts";
import { Joiner } from "./joiner.ts";

/** The media type of what {@linkcode MultipartViewer} sends. */
export const MULTIPART_TYPE = "multipart/x-mixed-replace; boundary=camcat";

const UTF8 = new TextEncoder();
const BOUNDARY = UTF8.encode("--camcat\r\n");
const NEXT_BOUNDARY = UTF8.encode("\r\n--camcat\r\n");

/** The header of a part (RFC 2046 section 5.1). */
function partHeader(frame: Frame): Bytes {
  return UTF8.encode(
    "Content-Type: image/jpeg\r\n" +
      `Content-Length: ${frame.jpeg.length}\r\n` +
      `X-Timestamp: ${(frame.time / 1000).toFixed(6)}\r\n\r\n`,
  );
}

/** Sends frames over a connection, after the head of the response. At most one waits, the newest. */
export class MultipartViewer implements FrameSink {
  sentBytes = 0;
  droppedFrames = 0;

  #response: EndlessResponse;
  #slot = new LatestSlot<EncodedFrame>();
  #joiner = new Joiner();
  #wake: (() => void) | undefined;
  #sending: Promise<void> | undefined;

  /** Sends over `connection` once {@linkcode MultipartViewer.run} is called. */
  constructor(connection: Connection) {
    this.#response = new EndlessResponse(connection, () => {
      this.#slot.clear();
      this.#wake?.();
    });
  }

  run(): Promise<string> {
    this.#sending = this.#send();
    this.#response.watch();
    return this.#response.ended;
  }

  /** Resolves when no write is pending: Deno 2.7 holds the descriptor as long. */
  get settled(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  get silentSeconds(): number {
    return this.#response.silentSeconds;
  }

  offer(encoded: EncodedFrame): void {
    if (this.#response.hasEnded) return;
    if (this.#slot.put(encoded)) this.droppedFrames++;
    this.#wake?.();
  }

  describe(): void {
    // The format has no messages; the NO SIGNAL picture says it.
  }

  tick(): void {
    this.#response.tick();
  }

  leave(reason: string): Promise<void> {
    this.#response.end(reason);
    return Promise.resolve();
  }

  async #send(): Promise<void> {
    try {
      await this.#response.write(BOUNDARY);
      while (!this.#response.hasEnded) {
        const encoded = this.#slot.take();
        if (encoded === undefined) {
          await new Promise<void>((resolve) => this.#wake = resolve);
          continue;
        }
        const { frame } = encoded;
        // The boundary after a part goes with it: browsers show a part only when they receive it.
        const part = this.#joiner.join(partHeader(frame), frame.jpeg, NEXT_BOUNDARY);
        this.sentBytes += frame.jpeg.length;
        frame.release();
        await this.#response.write(part);
      }
    } catch {
      this.leave("closed by the viewer");
    }
  }
}
