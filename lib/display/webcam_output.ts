/**
 * The output that other programs see as a webcam.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import type { Size } from "../base/size.ts";
import { NoSignalLoop } from "../receive/no_signal_loop.ts";
import type { Output } from "../receive/output.ts";
import type { ReceivedFrame, ReceiveEvent } from "../receive/received.ts";
import { Title } from "../receive/title.ts";
import { findWebcam, removeWebcam, type WebcamDevice } from "./webcam_device.ts";
import type { WebcamMode } from "./webcam_mode.ts";
import { webcamFailure, WebcamWriter } from "./webcam_writer.ts";

/** Options of {@linkcode WebcamOutput}. */
export interface WebcamOutputOptions {
  /** The device: a path, a number, a part of a name, or `auto`. */
  device: string;
  /** Size and rate. */
  mode: WebcamMode;
  /** Called when the device has been found. */
  onOpen?: ((device: WebcamDevice) => void) | undefined;
  /** The largest picture to decode, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
  /** Called with every line that ffmpeg prints. */
  onLine?: ((line: string) => void) | undefined;
  /** Closes it. */
  signal: AbortSignal;
}

/**
 * A webcam that gives pictures from the start, of one size and at one rate: NO SIGNAL until the
 * first picture and while nothing comes. Programs do not show a camera that gives nothing.
 */
export class WebcamOutput implements Output {
  /** Resolves when it has ended; with the reason if the user has not closed it. */
  readonly ended: Promise<CamcatError | undefined>;

  #mode: WebcamMode;
  #title: Title;
  #writer: WebcamWriter | undefined;
  #closed = new AbortController();
  #noSignal = new NoSignalLoop(async (frame) => await this.#writer?.show(frame));

  /** @param from where the stream comes from, shown in the NO SIGNAL picture */
  constructor(from: string, options: WebcamOutputOptions) {
    this.#mode = options.mode;
    this.#title = new Title(from);
    this.ended = this.#run(options);
  }

  /** Shows a frame; resolves when it was written. */
  async take(received: ReceivedFrame): Promise<void> {
    this.#noSignal.take(received);
    await this.#writer?.show(received.frame);
  }

  /** Shows NO SIGNAL while nothing comes from the sender. */
  follow(event: ReceiveEvent): void {
    this.#title.follow(event);
    if (this.#writer !== undefined) this.#noSignal.follow(event, this.#title.name, this.#mode);
  }

  /** The size of the webcam. */
  shownSize(): Required<Size> {
    return this.#mode;
  }

  /** Ends the webcam: programs that show it keep its last picture. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#noSignal.end();
    await this.#writer?.[Symbol.asyncDispose]();
    await this.ended;
  }

  async #run(options: WebcamOutputOptions): Promise<CamcatError | undefined> {
    let device: WebcamDevice | undefined;
    try {
      device = await findWebcam(options.device);
      if (this.#closed.signal.aborted) return undefined;
      const writer = this.#writer = new WebcamWriter({
        ...options,
        output: ["-f", "v4l2", device.path],
      });
      options.onOpen?.(device);
      this.#begin();
      const tail = await writer.ended;
      const isWanted = this.#closed.signal.aborted || options.signal.aborted;
      return isWanted ? undefined : webcamFailure(device.path, tail);
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      return error;
    } finally {
      if (device !== undefined) await removeWebcam(device);
    }
  }

  /** Shows what came while the device was looked for, or that nothing has come yet. */
  #begin(): void {
    const { last } = this.#noSignal;
    if (last !== undefined) this.#writer?.show(last);
    else {
      const nothing = { type: "lost", reason: "" } as const;
      this.#noSignal.follow(nothing, this.#title.name, this.#mode);
    }
  }
}
