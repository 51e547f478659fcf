/**
 * From a source to frames.
 *
 * The walk goes one way: source, recipe, arguments, run of ffmpeg, splitter. What the first run
 * reports of the source may lead to a better recipe for the next one.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { onAbort } from "../base/abort.ts";
import type { SelectedMode } from "../camera/mode.ts";
import type { Frame } from "../jpeg/frame.ts";
import { splitJpegs } from "../jpeg/split_jpegs.ts";
import { JpegSplitter, type SplitterOptions } from "../jpeg/splitter.ts";
import { isRelayed } from "./byte_relay.ts";
import { DirectCapture } from "./direct_capture.ts";
import { finished } from "./finish.ts";
import type { RtspTransport } from "./media_recipe.ts";
import type { Picture } from "./picture.ts";
import { RelayCapture } from "./relay_capture.ts";
import { Pace } from "./silence.ts";
import type { SoundOptions } from "../sound/sound_output.ts";
import { isPipe, type Source, sourceName } from "./source.ts";

/** Options of {@linkcode Capture.frames}. */
export interface CaptureOptions extends Picture, SplitterOptions {
  /** Ends the capture, without an error. */
  signal: AbortSignal;
  /** The mode to capture a camera in. @default what size and rate ask for */
  mode?: SelectedMode;
  /** After how many milliseconds without a picture it is lost. @default what follows from its pace */
  silenceMs?: number;
  /** Over what an RTSP camera sends. @default {"auto"} */
  rtspTransport?: RtspTransport;
  /** Takes the sound that a file, a URL or the built-in picture has. @default no sound */
  sound?: SoundOptions;
  /** Called with what the user might want to know of the capture. */
  onNote?: (note: string) => void;
  /** Called with every line that ffmpeg writes. */
  onLine?: (line: string) => void;
}

/** A source to capture from, as often as it takes: what was learnt of it makes the next start faster. */
export class Capture {
  #source: Source;
  #pace: Pace | undefined;
  #relay: RelayCapture | undefined;
  #direct: DirectCapture | undefined;
  /** Notes that were given: a second start notes the same. */
  #notes = new Set<string>();

  /** Captures nothing before {@linkcode Capture.frames}. */
  constructor(source: Source) {
    this.#source = source;
  }

  /**
   * The frames of the source, until it ends or `signal` is aborted.
   *
   * @throws {CamcatError} if it cannot be captured, or is lost
   */
  async *frames(given: CaptureOptions): AsyncGenerator<Frame, void, void> {
    const source = this.#source;
    const options = {
      ...given,
      onNote: (note: string) => this.#note(note, given),
      onDropped: (reason: string) => this.#dropped(reason, given),
    };
    const { fps, silenceMs } = options;
    this.#pace ??= new Pace({ fps, silenceMs, mayBeSlow: source.kind === "url" });
    if (source.kind === "stdin") return yield* stdinFrames(source, options);
    if (this.#direct === undefined && isRelayed(source, isPipe(source))) {
      this.#relay ??= new RelayCapture(source, this.#pace);
      const isFile = yield* this.#relay.frames(options);
      if (!isFile) return;
    }
    this.#direct ??= new DirectCapture(source, this.#pace);
    yield* this.#direct.frames(options);
  }

  #dropped(reason: string, given: CaptureOptions): void {
    given.onDropped?.(reason);
    if (!reason.includes("pixels")) return; // the others have no remedy
    const name = sourceName(this.#source);
    this.#note(`Dropping a picture of ${name}: ${reason}. Set --max-pixels to allow it`, given);
  }

  #note(note: string, { onNote }: CaptureOptions): void {
    if (!this.#notes.has(note)) onNote?.(note);
    this.#notes.add(note);
  }
}

/** JPEGs on standard input. */
async function* stdinFrames(
  source: Source,
  options: CaptureOptions,
): AsyncGenerator<Frame, void, void> {
  let frames = 0;
  const read = until(splitJpegs(Deno.stdin, new JpegSplitter(options)), options.signal);
  for await (const frame of finished(read, source, options)) {
    frames++;
    yield frame;
  }
  if (frames > 0 || options.signal.aborted) return;
  throw new CamcatError(
    "Cannot show standard input: there was no JPEG in it. Pipe in MJPEG, for example from " +
      "`ffmpeg -i FILE -f mjpeg -`",
  );
}

/** Ends `frames` when `signal` is aborted, even while the source is silent. */
async function* until(
  frames: AsyncGenerator<Frame>,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  let stop = () => {};
  using _ = onAbort(signal, () => stop());
  while (!signal.aborted) {
    // A promise of its own for each: one for all would remember every race.
    const result = await new Promise<IteratorResult<Frame, void> | undefined>((resolve, reject) => {
      stop = () => resolve(undefined);
      frames.next().then(resolve, reject);
    });
    if (result === undefined || result.done) return;
    yield result.value;
  }
}
