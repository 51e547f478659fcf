/**
 * An ffmpeg that writes pictures of one size, at a steady rate.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { defined } from "../base/defined.ts";
import { CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { letterbox } from "../jpeg/letterbox.ts";
import { mpjpegInput, partOf } from "../jpeg/mpjpeg.ts";
import { Child } from "../program/child.ts";
import { SteadyPace } from "./steady_pace.ts";
import type { WebcamMode } from "./webcam_mode.ts";

/** Options of {@linkcode WebcamWriter}. */
export interface WebcamWriterOptions {
  /** Size and rate of what is written. */
  mode: WebcamMode;
  /** ffmpeg's arguments for the output. */
  output: string[];
  /** The largest picture to decode, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
  /** Called with every line that ffmpeg prints. */
  onLine?: ((line: string) => void) | undefined;
  /** Ends ffmpeg. */
  signal?: AbortSignal | undefined;
}

/**
 * Writes the newest picture, as YUYV, whenever one is due: programs that read from a device wait
 * for a picture, and some give up. Pictures of another shape get black borders.
 */
export class WebcamWriter implements AsyncDisposable {
  /** Resolves when ffmpeg has exited: with the last lines of its output. */
  readonly ended: Promise<string[]>;
  /** Pictures written. */
  written = 0;

  #child: Child;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #pace: SteadyPace;
  #frame: Frame | undefined;
  /** Resolves the promise of the frame that was not written yet. */
  #onWritten: (() => void) | undefined;
  #isWriting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasEnded = false;

  /** @throws {CamcatError} if ffmpeg is not installed, or cannot be started */
  constructor(options: WebcamWriterOptions) {
    const { mode, onLine, signal } = options;
    this.#pace = new SteadyPace(mode.fps);
    this.#child = Child.spawn("ffmpeg", webcamArgs(options), {
      stdin: "piped",
      ...defined({ onLine }),
    });
    this.#writer = this.#child.process.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // the exit status tells
    const listening = onAbort(signal, () => void this[Symbol.asyncDispose]());
    this.ended = this.#child.status.then(async () => {
      listening[Symbol.dispose]();
      this.#end();
      await this.#writer.abort().catch(() => {}); // or else the pipe stays open
      return this.#child.tail;
    });
  }

  /**
   * Shows a frame until the next one. Resolves when it was written the first time, or another has
   * replaced it before.
   */
  async show(frame: Frame): Promise<void> {
    if (this.#hasEnded) return;
    frame.retain();
    this.#frame?.release();
    this.#frame = frame;
    this.#onWritten?.();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onWritten = resolve;
    this.#schedule();
    await promise;
  }

  /** Ends ffmpeg. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#child.kill();
    await this.ended;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isWriting || this.#hasEnded) return;
    const waitMs = this.#pace.waitMs(this.#onWritten !== undefined, performance.now());
    if (waitMs <= 0) this.#write(false);
    else this.#timer = setTimeout(() => this.#write(this.#onWritten !== undefined), waitMs);
  }

  async #write(hasWaited: boolean): Promise<void> {
    const frame = this.#frame!.retain();
    const onWritten = this.#onWritten;
    this.#onWritten = undefined;
    this.#isWriting = true;
    this.#pace.left(performance.now(), hasWaited);
    try {
      await this.#writer.write(partOf(frame));
      this.written++;
    } catch {
      // ffmpeg has exited: see `ended`
    }
    frame.release();
    onWritten?.();
    this.#isWriting = false;
    this.#schedule();
  }

  #end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#onWritten?.();
    this.#onWritten = undefined;
    this.#frame?.release();
    this.#frame = undefined;
  }
}

function webcamArgs({ mode, maxPixels, output }: WebcamWriterOptions): string[] {
  // deno-fmt-ignore
  return [
    "-hide_banner", "-loglevel", "error",
    "-threads", "1", // each more would delay the output by a picture
    ...mpjpegInput(maxPixels), "-probesize", "32", "-analyzeduration", "0",
    "-flags", "low_delay", "-i", "pipe:0",
    // Cameras give BT.601 of limited range; JPEGs have the full one.
    "-vf", `${letterbox(mode, "yuv422p")},format=yuyv422`,
    "-threads", "1", ...output,
  ];
}

/** Why ffmpeg could not write to a device, from the last lines of its output. */
export function webcamFailure(path: string, tail: string[]): CamcatError {
  const details = tail.join("\n");
  const [, reason] = SENTENCES.find(([pattern]) => pattern.test(details)) ?? [];
  return new CamcatError(
    `Cannot write to the webcam ${path}: ` +
      (reason ?? "ffmpeg has ended. Start again with --verbose to see its messages"),
    { details },
  );
}

/** ffmpeg's words, and what they mean here. */
const SENTENCES: [RegExp, string][] = [
  [/Permission denied/, "you may not. Run: sudo usermod -aG video $USER, and log in again"],
  [
    /VIDIOC_[GS]_FMT\): (Invalid argument|Device or resource busy)/,
    "another program writes to it. Close it, or use --webcam auto",
  ],
  [/Inappropriate ioctl/, "it is not a loopback device"],
  [/No such (device|file)/, "it is gone"],
];
