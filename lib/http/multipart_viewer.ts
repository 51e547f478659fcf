/**
 * A viewer that gets `multipart/x-mixed-replace`, an endless response of JPEGs: browsers, players,
 * OpenCV, home automation.
 *
 * @module
 */

import { writeAll } from "../program/write_all.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import type { Bytes, Frame } from "../jpeg/frame.ts";
import type { FrameSink } from "../send/frame_sink.ts";
import { LatestSlot } from "../jpeg/latest_slot.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";
import { Joiner } from "./joiner.ts";

/** The media type of what {@linkcode MultipartViewer} sends. */
export const MULTIPART_TYPE = "multipart/x-mixed-replace; boundary=camcat";

/** Longest time in which a viewer may accept no data. */
const STALL_SECONDS = 60;
/** Bytes that a viewer, which has nothing to send after its request, may send all the same. */
const MAX_RECEIVED_BYTES = 64 * 1024;

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

  #connection: Connection;
  #slot = new LatestSlot<EncodedFrame>();
  #joiner = new Joiner();
  #left = Promise.withResolvers<string>();
  #hasLeft = false;
  #wake: (() => void) | undefined;
  #writingSince: number | undefined;
  #sending: Promise<void> | undefined;

  /** Sends over `connection` once {@linkcode MultipartViewer.run} is called. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  run(): Promise<string> {
    this.#sending = this.#send();
    this.#watchForEnd();
    return this.#left.promise;
  }

  /** Resolves when no write is pending: Deno 2.7 holds the descriptor as long. */
  get settled(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  get silentSeconds(): number {
    const since = this.#writingSince;
    return since === undefined ? 0 : Math.floor((performance.now() - since) / 1000);
  }

  offer(encoded: EncodedFrame): void {
    if (this.#hasLeft) return;
    if (this.#slot.put(encoded)) this.droppedFrames++;
    this.#wake?.();
  }

  describe(): void {
    // The format has no messages; the NO SIGNAL picture says it.
  }

  tick(): void {
    if (this.silentSeconds > STALL_SECONDS) {
      this.leave(`accepted no data for ${STALL_SECONDS} s`);
    }
  }

  leave(reason: string): Promise<void> {
    this.#hasLeft = true;
    this.#slot.clear();
    this.#left.resolve(reason);
    this.#wake?.();
    closeQuietly(this.#connection);
    return Promise.resolve();
  }

  /** Writes some of `bytes`, and notes since when it waits. @returns how many */
  async #write(bytes: Uint8Array): Promise<number> {
    this.#writingSince = performance.now();
    return await this.#connection.write(bytes);
  }

  async #send(): Promise<void> {
    try {
      await writeAll(this.#connection, BOUNDARY);
      while (!this.#hasLeft) {
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
        await writeAll({ write: (bytes) => this.#write(bytes) }, part);
        this.#writingSince = undefined;
      }
    } catch {
      this.leave("closed by the viewer");
    }
  }

  /** Reads, because only that notices a viewer that disconnects while there is no picture. */
  async #watchForEnd(): Promise<void> {
    const buffer = new Uint8Array(1024);
    try {
      let received = 0;
      for (let count; (count = await this.#connection.read(buffer)) !== null;) {
        if ((received += count) > MAX_RECEIVED_BYTES) return void this.leave("sent too much");
      }
    } catch {
      // it was reset, or we have closed it
    }
    this.leave("closed by the viewer");
  }
}
