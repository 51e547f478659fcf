/**
 * Captures from a source that ffmpeg opens itself: cameras, screens, files, RTSP and other streams.
 *
 * @module
 */

import type { SelectedMode } from "../camera/mode.ts";
import type { Frame } from "../jpeg/frame.ts";
import { fieldOf, sizeOf } from "../jpeg/markers.ts";
import { JpegSplitter } from "../jpeg/splitter.ts";
import { likelyFacts } from "./content.ts";
import { ffmpegArgs, type Recipe, TIMING_OPTIONS } from "./ffmpeg_args.ts";
import { FfmpegRun } from "./ffmpeg_run.ts";
import { type FinishOptions, repeated } from "./finish.ts";
import type { RtspTransport } from "./media_recipe.ts";
import { asForced, recipesFor } from "./recipe.ts";
import type { Pace } from "./silence.ts";
import { type Source, sourceName } from "./source.ts";
import type { StreamFacts } from "./stream_report.ts";

/** Options of {@linkcode DirectCapture.frames}. */
export type DirectOptions = FinishOptions & { mode?: SelectedMode; rtspTransport?: RtspTransport };

/** The sources that ffmpeg opens; standard input is ours. */
type OpenedSource = Exclude<Source, { kind: "stdin" }>;

/** How often a camera is started again that begins with corrupt pictures, as some do. */
const MAX_CORRUPT_STARTS = 3;
/** How often a single picture is shown again. */
const REPEAT_MS = 1000;

/** Captures from one source, again and again; it remembers what ffmpeg reported of it. */
export class DirectCapture {
  #source: OpenedSource;
  #pace: Pace;
  #facts: StreamFacts | undefined;
  /** What it will most likely report; looked at before the first start. */
  #likely: StreamFacts | undefined;
  /** Whether it gives the two fields of a picture one after another. */
  #givesFields = false;
  /** Whether the source has sound, and somebody wants it. */
  #hasSound = false;
  /** Whether a file without a known duration turned out to hold several pictures. */
  #holdsSeveral = false;

  /** Captures nothing before {@linkcode DirectCapture.frames}. */
  constructor(source: OpenedSource, pace: Pace) {
    this.#source = source;
    this.#pace = pace;
  }

  /**
   * The frames of the source, until it ends or `signal` is aborted.
   *
   * @throws {CamcatError} if it cannot be captured, or is lost
   */
  async *frames(options: DirectOptions): AsyncGenerator<Frame, void, void> {
    const source = this.#source;
    const isMedia = source.kind === "file" || source.kind === "url";
    const splitter = new JpegSplitter(options);
    if (source.kind === "file" && this.#facts === undefined) {
      this.#likely = await likelyFacts(source.path);
    }
    let recipes = this.#recipes(options);
    for (let choice = 0, timing = 0, corruptStarts = 0;;) {
      const recipe = recipes[choice];
      await using run = await FfmpegRun.start(
        (output, soundOutput) =>
          ffmpegArgs(
            recipe,
            source.kind,
            options,
            output,
            TIMING_OPTIONS[timing],
            options.sound && { channels: options.sound.channels, output: soundOutput },
          ),
        source,
        { ...options, pace: recipe.ends ? undefined : this.#pace },
      );
      const facts = isMedia ? await run.facts : undefined;
      const hasSound = isMedia && options.sound !== undefined && await run.hasSound;
      if (facts !== undefined && (hasSound !== this.#hasSound || !isSame(facts, this.#facts))) {
        this.#facts = facts;
        this.#hasSound = hasSound;
        const better = this.#recipes(options);
        if (!isSame(better, recipes)) {
          recipes = better;
          continue; // before it gave a frame
        }
      }
      if (facts !== undefined && options.sound !== undefined && !hasSound) {
        options.onNote?.(`${sourceName(source)} has no sound`);
      }
      let frames = 0;
      let last: Uint8Array | undefined;
      for await (const frame of run.frames(splitter)) {
        if (recipe.copy && frames === 0 && isHalfPicture(frame.jpeg, facts)) {
          frame.release();
          this.#givesFields = true;
          break;
        }
        if (frames === 1 && isOnlyOne(facts)) {
          frame.release();
          continue;
        }
        if (++frames === 1 && recipe.ends) last = frame.jpeg.slice();
        yield frame;
      }
      if (recipe.copy && this.#givesFields) {
        recipes = this.#recipes(options);
        continue;
      }
      await run.end(); // it has said everything then
      if (options.signal.aborted) return;
      if (frames === 0) {
        const said = run.lines.join("\n");
        if (/fps_mode/.test(said) && timing + 1 < TIMING_OPTIONS.length) {
          timing++;
          continue;
        }
        // ffmpeg gives up at a raw picture of the wrong length.
        if (/Dequeued v4l2 buffer contains/.test(said) && ++corruptStarts < MAX_CORRUPT_STARTS) {
          continue;
        }
        if (
          /Cannot find a proper format|Could not set video options/.test(said) &&
          choice + 1 < recipes.length
        ) {
          choice++;
          continue;
        }
      }
      // Exit status 0 is no good news: a capture whose camera was unplugged ends with it too.
      const hasEnded = recipe.ends && (await run.status).code === 0 && frames > 0;
      if (!hasEnded) throw run.explanation(frames > 0);
      if (options.loop && frames > 1) {
        this.#holdsSeveral = true;
        recipes = this.#recipes(options);
        continue;
      }
      if (frames === 1 && options.loop) {
        return yield* repeated(last!, REPEAT_MS, options.signal);
      }
      if (frames === 1 && source.kind === "file") {
        options.onNote?.(`${sourceName(source)} is a single picture: --loop shows it continuously`);
      }
      return;
    }
  }

  #recipes(options: DirectOptions): Recipe[] {
    const facts = this.#facts !== undefined && this.#holdsSeveral
      ? { ...this.#facts, seconds: Infinity }
      : this.#facts;
    const recipes = recipesFor(this.#source, {
      picture: options,
      facts,
      likely: this.#likely,
      ...options,
      hasSound: this.#hasSound,
      wantsSound: options.sound !== undefined,
    });
    if (!this.#givesFields) return recipes;
    const encoding = recipes.map((recipe) => ({ ...recipe, copy: false }));
    return asForced(encoding, options, this.#source);
  }
}

/** Whether a source holds one picture, whatever else follows it in the file. */
function isOnlyOne(facts: StreamFacts | undefined): boolean {
  return facts !== undefined && (facts.isAttached || facts.container === "image2");
}

/** Whether a JPEG holds every second line of a picture only. */
function isHalfPicture(jpeg: Uint8Array, facts: StreamFacts | undefined): boolean {
  const height = sizeOf(jpeg)?.height ?? 0;
  return fieldOf(jpeg) !== undefined || height > 0 && facts?.height === 2 * height;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
