/**
 * One run of ffmpeg on a source.
 *
 * @module
 */

import { onAbort, wait } from "../base/abort.ts";
import { CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { type ByteReader, splitJpegs } from "../jpeg/split_jpegs.ts";
import type { JpegSplitter } from "../jpeg/splitter.ts";
import { Child } from "../program/child.ts";
import { FfmpegStream } from "../program/ffmpeg_stream.ts";
import { explainFfmpeg } from "./ffmpeg_errors.ts";
import { OPEN_MS, type Pace, Watchdog } from "./silence.ts";
import { hideSecrets, type Source, sourceName } from "./source.ts";
import { type SoundOptions, SoundOutput } from "../sound/sound_output.ts";
import { type StreamFacts, StreamReport } from "./stream_report.ts";

/** How long ffmpeg may take to end after its last frame. */
const END_MS = 2000;

/** Options of {@linkcode FfmpegRun.start}. */
export interface FfmpegRunOptions {
  /** Ends it. */
  signal: AbortSignal;
  /** Called with what the user might want to know of the capture. */
  onNote?: (note: string) => void;
  /** Called with every line that ffmpeg writes, without the password of a URL. */
  onLine?: (line: string) => void;
  /** Reads lines first; returns whether a line is to be left out of everything else. */
  isNoise?: (line: string) => boolean;
  /** Bytes for its standard input. */
  feed?: AsyncIterable<Uint8Array>;
  /** How long it may take to open the source, in milliseconds. @default {15000} */
  openMs?: number;
  /** How long it may be silent after that. @default without a limit, as for files */
  pace?: Pace | undefined;
  /** Takes the sound of the source, where it has some. @default no sound */
  sound?: SoundOptions | undefined;
}

/** A running ffmpeg. */
export class FfmpegRun implements AsyncDisposable {
  #child: Child;
  #source: Source;
  #output: ByteReader & Disposable | AsyncIterable<Uint8Array> | undefined;
  #report: StreamReport;
  /** What it did not do in time, if it was ended for that. */
  #late: string | undefined;
  #pace: Pace | undefined;
  #abort: Disposable;
  #sound: SoundOutput | undefined;
  /** Why nothing more could be written to it. */
  #feedError: unknown;

  private constructor(
    child: Child,
    source: Source,
    report: StreamReport,
    abort: Disposable,
    pace?: Pace,
  ) {
    this.#child = child;
    this.#source = source;
    this.#report = report;
    this.#abort = abort;
    this.#pace = pace;
  }

  /** Starts ffmpeg and waits until it writes, ends, or has taken too long to open the source. */
  static async start(
    args: (output: string, soundOutput?: string) => string[],
    source: Source,
    options: FfmpegRunOptions,
  ): Promise<FfmpegRun> {
    const { signal, feed, pace, openMs = OPEN_MS } = options;
    using output = FfmpegStream.open();
    const sound = options.sound && SoundOutput.openSecond();
    const report = new StreamReport();
    const child = Child.spawn("ffmpeg", args(output.url, sound?.url), {
      stdin: feed === undefined ? "null" : "piped",
      stdout: output.listener === undefined ? "piped" : "null",
      isNoise: (line) => sound?.takeLine(line) || options.isNoise?.(line) === true,
      onLine: (line) => {
        report.take(line);
        options.onLine?.(hideSecrets(line, source));
        noteDriverChange(line, source, options.onNote);
      },
    });
    child.status.then(() => report.end());
    const run = new FfmpegRun(
      child,
      source,
      report,
      onAbort(signal, () => child.kill()),
      pace,
    );
    run.#sound = sound;
    if (options.sound !== undefined && sound !== undefined) pass(sound, child, options.sound);
    pace?.start();
    if (feed !== undefined) run.#write(feed);
    using _ = new Watchdog(() => openMs, (seconds) => {
      run.#late = `it gave no answer for ${seconds} s. Check that it runs and sends a picture`;
      child.kill();
    });
    try {
      run.#output = await Promise.race([
        output.accept(child.process),
        child.status.then(() => undefined),
      ]);
    } catch (error) {
      await run.end();
      throw error;
    }
    return run;
  }

  /** What ffmpeg said last. */
  get lines(): string[] {
    return this.#child.tail.map((line) => hideSecrets(line, this.#source));
  }

  /** How ffmpeg ended. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** What ffmpeg reports of the source; undefined if it ended before. */
  get facts(): Promise<StreamFacts | undefined> {
    return this.#report.facts;
  }

  /** Whether the source has sound. */
  get hasSound(): Promise<boolean> {
    return this.#report.hasSound;
  }

  /** What it writes; undefined if it could not open the source. */
  get output(): ByteReader | AsyncIterable<Uint8Array> | undefined {
    return this.#output;
  }

  /** The frames in what it writes, or in `bytes`, until it ends, is ended, or falls silent. */
  async *frames(
    splitter: JpegSplitter,
    bytes: ByteReader | AsyncIterable<Uint8Array> | undefined = this.#output,
  ): AsyncGenerator<Frame, void, void> {
    if (bytes === undefined) return;
    using watchdog = new Watchdog(() => this.#pace?.limitMs ?? Infinity, (seconds) => {
      this.#late = `it gave no picture for ${seconds} s`;
      this.#child.kill();
    });
    try {
      for await (const frame of splitJpegs(bytes, splitter)) {
        watchdog.heard();
        this.#pace?.picture(performance.now());
        yield frame;
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    if (this.#feedError !== undefined) throw this.#feedError;
    // The exit status says whether that was the end of a file, unless we kill it before.
    const ended = new AbortController();
    this.#child.process.status.then(() => ended.abort());
    await wait(END_MS, ended.signal);
  }

  /** Why it ended, for the user. @param wasLive whether there were frames */
  explanation(wasLive: boolean): CamcatError {
    const name = sourceName(this.#source);
    const { lines } = this;
    const details = lines.join("\n");
    if (this.#late !== undefined) {
      return new CamcatError(`Cannot read ${name}: ${this.#late}`, { details });
    }
    if (wasLive && this.#source.kind === "url") {
      // What servers say then, if anything, is about connections, not about URLs.
      return new CamcatError(`Cannot continue reading ${name}: the stream ended`, { details });
    }
    const lastError = lines.findLast((line) => /error|fail|invalid|cannot/i.test(line));
    return explainFfmpeg(
      lines,
      this.#source,
      `Cannot capture ${name}: ffmpeg ended` +
        (lastError === undefined ? "" : ` (${lastError.trim()})`) +
        ". Run with --verbose for everything it said",
    );
  }

  /** Ends ffmpeg and closes its output. */
  async end(): Promise<void> {
    this.#abort[Symbol.dispose]();
    await this.#child.kill();
    await this.#child.status;
    this.#sound?.[Symbol.dispose]();
    if (this.#output !== undefined && "read" in this.#output) this.#output[Symbol.dispose]();
    this.#output = undefined;
  }

  /** The same as {@linkcode FfmpegRun.end}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #write(feed: AsyncIterable<Uint8Array>): Promise<void> {
    const writer = this.#child.process.stdin.getWriter();
    try {
      for await (const chunk of feed) await writer.write(chunk);
    } catch (error) {
      // That ffmpeg has ended explains itself; the source of the bytes may not.
      if (!(error instanceof Deno.errors.BrokenPipe)) this.#feedError = error;
    }
    await writer.close().catch(() => {});
  }
}

/** Passes the sound on until ffmpeg ends. Its end is that of the pictures, which say why. */
async function pass(sound: SoundOutput, child: Child, { onPacket }: SoundOptions): Promise<void> {
  try {
    for await (const packet of sound.packets(child)) onPacket(packet);
  } catch {
    // the pictures go on
  }
}

function noteDriverChange(
  line: string,
  source: Source,
  onNote: ((note: string) => void) | undefined,
): void {
  const change = /driver changed the (?:video|time per frame) from (\S+) to (\S+)/.exec(line);
  if (change === null || isSameTime(change[1], change[2])) return;
  onNote?.(`${sourceName(source)} does not offer ${change[1]} and gives ${change[2]}`);
}

/** Whether two times per frame, as `1/30`, differ by rounding only: `100/2997` and `1001/30000`. */
function isSameTime(one: string, other: string): boolean {
  const seconds = (text: string) => {
    const [, above, below] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
    return Number(above) / Number(below);
  };
  return Math.abs(seconds(one) / seconds(other) - 1) < 0.01;
}
