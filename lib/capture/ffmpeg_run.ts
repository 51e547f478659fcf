/**
 * A running ffmpeg that delivers JPEGs.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { Child } from "../program/child.ts";
import { CamcatError } from "../base/errors.ts";
import { explainFfmpeg } from "./ffmpeg_errors.ts";
import { FfmpegStream } from "../program/ffmpeg_stream.ts";
import type { Frame } from "../jpeg/frame.ts";
import { nameOf, type Source } from "./source.ts";
import { type ByteReader, splitJpegs } from "../jpeg/split_jpegs.ts";
import type { JpegSplitter } from "../jpeg/splitter.ts";

/** How long a running source may deliver nothing before its capture counts as lost. */
const SILENCE_MS = 5000;
/** The same for the first frame: cameras warm up, streams are searched for a picture. */
const FIRST_FRAME_MS = 15_000;
/** How long ffmpeg may take to end after its last frame. */
const END_MS = 2000;

/** Options of {@linkcode FfmpegRun.start}. */
export interface FfmpegRunOptions {
  /** Ends it. */
  signal: AbortSignal;
  /** Called with what the user might want to know of the capture. */
  onNote?: (note: string) => void;
  /** Called with every line that ffmpeg writes. */
  onLine?: (line: string) => void;
  /** Frames per second that were asked for. */
  fps?: number;
  /** Whether the source comes to an end by itself: it may be silent as long as it likes. */
  ends?: boolean;
}

/** One run of ffmpeg. */
export class FfmpegRun implements AsyncDisposable {
  #child: Child;
  #source: Source;
  #output: ByteReader & Disposable | AsyncIterable<Uint8Array> | undefined;
  /** How long it was silent when it was given up for that. */
  #silentSeconds: number | undefined;
  #signal: AbortSignal;
  /** How long nothing may come. */
  #silenceMs: number;

  private constructor(child: Child, source: Source, options: FfmpegRunOptions) {
    const { signal, fps = Infinity, ends = false } = options;
    this.#child = child;
    this.#source = source;
    this.#signal = signal;
    this.#silenceMs = ends ? Infinity : Math.max(SILENCE_MS, 2500 / fps);
  }

  /** Starts ffmpeg and waits until it writes, or ends. */
  static async start(
    args: (output: string) => string[],
    source: Source,
    options: FfmpegRunOptions,
  ): Promise<FfmpegRun> {
    const { signal, onLine, onNote } = options;
    using output = FfmpegStream.open();
    const child = Child.spawn("ffmpeg", args(output.url), {
      stdin: source.kind === "stdin" ? "inherit" : "null",
      stdout: output.listener === undefined ? "piped" : "null",
      onLine: (line) => {
        onLine?.(line);
        const change = /driver changed the (?:video|time per frame) from (\S+) to (\S+)/
          .exec(line);
        if (change !== null && !isSameTime(change[1], change[2])) {
          onNote?.(
            `${nameOf(source)} offers no ${change[1]} and gives ${change[2]}`,
          );
        }
      },
    });
    const run = new FfmpegRun(child, source, options);
    signal.addEventListener("abort", run.#kill);
    if (signal.aborted) run.#kill();
    run.#output = await Promise.race([
      output.accept(child.process),
      child.status.then(() => undefined),
    ]);
    return run;
  }

  /** What ffmpeg said last. */
  get words(): string[] {
    return this.#child.tail;
  }

  /** How ffmpeg ended. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** The frames it delivers, until it ends, is ended, or falls silent. */
  async *frames(splitter: JpegSplitter): AsyncGenerator<Frame, void, void> {
    if (this.#output === undefined) return;
    let heard = false;
    let silentSeconds = 0; // as we lived them: while we were stopped, nothing was read
    const watchdog = setInterval(() => {
      silentSeconds++;
      const patienceMs = heard ? this.#silenceMs : Math.max(this.#silenceMs, FIRST_FRAME_MS);
      if (silentSeconds * 1000 <= patienceMs) return;
      this.#silentSeconds = silentSeconds - 1;
      this.#kill();
    }, 1000);
    try {
      for await (const frame of splitJpegs(this.#output, splitter)) {
        heard = true;
        silentSeconds = 0;
        yield frame;
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    } finally {
      clearInterval(watchdog);
    }
    // Its exit status tells whether that was the end of a file, unless it is killed before.
    const ended = new AbortController();
    this.#child.process.status.then(() => ended.abort());
    await wait(END_MS, ended.signal);
  }

  /** Why it ended, for the user. @param wasLive whether there were frames */
  explanation(wasLive: boolean): CamcatError {
    const name = nameOf(this.#source);
    if (this.#silentSeconds !== undefined) {
      return new CamcatError(
        `Cannot read ${name}: it gave no picture for ${this.#silentSeconds} s`,
        { details: this.words.join("\n") },
      );
    }
    if (wasLive && this.#source.kind === "url") {
      // What servers say then, if anything, is about connections, not about URLs.
      const details = this.words.join("\n");
      return new CamcatError(`Cannot go on reading ${name}: the stream has ended`, { details });
    }
    const lastWords = this.words.findLast((line) => /error|fail|invalid|cannot/i.test(line));
    return explainFfmpeg(
      this.words,
      this.#source,
      `Cannot capture ${name}: ffmpeg ended` +
        (lastWords === undefined ? "" : ` (${lastWords.trim()})`) +
        ". Run with --verbose for all it said",
    );
  }

  /** Ends ffmpeg and lets go of its output. */
  async end(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#kill);
    await this.#child.kill();
    await this.#child.status;
    if (this.#output !== undefined && "read" in this.#output) {
      this.#output[Symbol.dispose]();
    }
    this.#output = undefined;
  }

  /** The same as {@linkcode FfmpegRun.end}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #kill = (): void => {
    this.#child.kill();
  };
}

/** Whether two times per frame, as `1/30`, differ by rounding only: `100/2997` and `1001/30000`. */
function isSameTime(one: string, other: string): boolean {
  const seconds = (text: string) => {
    const [, above, below] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
    return Number(above) / Number(below);
  };
  return Math.abs(seconds(one) / seconds(other) - 1) < 0.01;
}
