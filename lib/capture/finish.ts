/**
 * From JPEGs as a source gives them to JPEGs as the user asked for them.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { now } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import { Frame } from "../jpeg/frame.ts";
import { fieldOf } from "../jpeg/markers.ts";
import { partOf } from "../jpeg/mpjpeg.ts";
import { JpegSplitter, type SplitterOptions } from "../jpeg/splitter.ts";
import { runToEnd } from "../program/child.ts";
import { ffmpegArgs, type Recipe, TIMING_OPTIONS } from "./ffmpeg_args.ts";
import { FfmpegRun, type FfmpegRunOptions } from "./ffmpeg_run.ts";
import { FED_PICTURES } from "./media_recipe.ts";
import { isUntouched, type Picture } from "./picture.ts";
import { type Source, sourceName } from "./source.ts";

/** Options of {@linkcode finished}. */
export type FinishOptions = Picture & SplitterOptions & FfmpegRunOptions;

/** Passes JPEGs on untouched where that does what the user asked, or else encodes them. */
export async function* finished(
  frames: AsyncGenerator<Frame, void, void>,
  source: Source,
  options: FinishOptions,
): AsyncGenerator<Frame, void, void> {
  try {
    const first = await frames.next();
    if (first.done) return;
    const field = fieldOf(first.value.jpeg);
    if (field === undefined && isUntouched(options) && options.fps === undefined) {
      yield first.value;
      return yield* frames;
    }
    if (options.copy) {
      const why = field === undefined ? "it must be encoded for that" : "each is half a picture";
      throw new UsageError(
        `Cannot pass the pictures of ${sourceName(source)} on untouched: ${why}. Leave out --copy`,
      );
    }
    const filters = field === undefined ? [] : [`weave=first_field=${field}`];
    yield* encoded(parts(first.value, frames), { ...FED_PICTURES, filters }, source, options);
  } finally {
    frames.return().catch(() => {}); // not waited for: it may wait for the next picture
  }
}

/** Writes bytes to an ffmpeg, and gives the JPEGs that it makes of them. */
export async function* encoded(
  feed: AsyncIterable<Uint8Array>,
  recipe: Recipe,
  source: Source,
  options: FinishOptions,
): AsyncGenerator<Frame, void, void> {
  const timing = await timingOption();
  await using run = await FfmpegRun.start(
    (output) => ffmpegArgs(recipe, "stdin", options, output, timing),
    source,
    { ...options, feed, openMs: Infinity },
  );
  let count = 0;
  for await (const frame of run.frames(new JpegSplitter(options))) {
    count++;
    yield frame;
  }
  await run.end();
  if (count === 0 && !options.signal.aborted) throw run.explanation(false);
}

/** JPEGs at a pace, for sources that give them as fast as they are read. */
export async function* paced(
  frames: AsyncIterable<Frame>,
  fps: number,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  let due = performance.now();
  for await (const frame of frames) {
    yield frame;
    due = Math.max(due + 1000 / fps, performance.now());
    await wait(due - performance.now(), signal);
  }
}

/** The same picture again and again, for the first time after `everyMs`. */
export async function* repeated(
  jpeg: Uint8Array,
  everyMs: number,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  for (;;) {
    await wait(everyMs, signal);
    if (signal.aborted) return;
    yield Frame.from(jpeg, { time: now() });
  }
}

async function* parts(first: Frame, rest: AsyncIterable<Frame>): AsyncGenerator<Uint8Array> {
  yield partOf(first);
  first.release();
  for await (const frame of rest) {
    yield partOf(frame);
    frame.release();
  }
}

let knownTiming: Promise<typeof TIMING_OPTIONS[number]> | undefined;

/** How this ffmpeg spells the option for times. A run that is fed cannot try both. */
function timingOption(): Promise<typeof TIMING_OPTIONS[number]> {
  knownTiming ??= runToEnd("ffmpeg", ["-hide_banner", "-fps_mode", "passthrough"])
    .then(({ lines }) => TIMING_OPTIONS[/Unrecognized option/.test(lines.join("\n")) ? 1 : 0]);
  return knownTiming;
}
