/**
 * From a source to frames, with ffmpeg.
 *
 * @module
 */

import { desktopNote, findDesktop, screenRecipe } from "./desktop.ts";
import type { SelectedMode } from "../camera/mode.ts";
import { CamcatError } from "../base/errors.ts";
import {
  askedOfSource,
  cameraRecipes,
  ffmpegArgs,
  forced,
  mediaRecipe,
  modeRecipe,
  type Picture,
  type Recipe,
  testRecipe,
} from "./ffmpeg_args.ts";
import { FfmpegRun, type FfmpegRunOptions } from "./ffmpeg_run.ts";
import { isChanged } from "./filters.ts";
import type { Frame } from "../jpeg/frame.ts";
import { probe } from "./probe.ts";
import { nameOf, type Source } from "./source.ts";
import { splitJpegs } from "../jpeg/split_jpegs.ts";
import { JpegSplitter, type SplitterOptions } from "../jpeg/splitter.ts";

/** Options of {@linkcode capture}. */
export interface CaptureOptions extends Picture, FfmpegRunOptions, SplitterOptions {
  /** Which of its modes a camera is captured in. @default what it makes of size and rate */
  mode?: SelectedMode;
}

/** How often a camera is started again that begins with corrupt pictures, as some do. */
const MAX_CORRUPT_STARTS = 3;

/**
 * Captures frames until the source ends or `signal` is aborted.
 *
 * @throws {CamcatError} if the source cannot be captured, or is lost
 */
export async function* capture(
  source: Source,
  options: CaptureOptions,
): AsyncGenerator<Frame, void, void> {
  const splitter = new JpegSplitter(options);
  const notes = new Set<string>(); // a second attempt notes the same
  const onNote = (note: string) => {
    if (!notes.has(note)) options.onNote?.(note);
    notes.add(note);
  };
  if (source.kind === "stdin" && isUntouched(options)) {
    let frames = 0;
    for await (const frame of until(splitJpegs(Deno.stdin, splitter), options.signal)) {
      frames++;
      yield frame;
    }
    if (frames > 0 || options.signal.aborted) return;
    throw new CamcatError(
      "Cannot show standard input: there was no JPEG in it. Pipe in MJPEG, as `ffmpeg -i FILE -f mjpeg -` makes it",
    );
  }
  const found = await recipesFor(source, { ...options, onNote }).catch((error) => {
    if (options.signal.aborted) return undefined; // which may have ended what was asked
    throw error;
  });
  if (found === undefined) return;
  const recipes = forced(found, options, source);
  // ffmpeg before 5.1 spells the option for times differently.
  const spellings = ["-fps_mode", "-vsync"] as const;
  for (let recipe = 0, spelling = 0, corruptStarts = 0;;) {
    const args = (output: string) =>
      ffmpegArgs(recipes[recipe], source, options, output, spellings[spelling]);
    const { ends = false } = recipes[recipe];
    await using run = await FfmpegRun.start(args, source, { ...options, onNote, ends });
    let frames = 0;
    for await (const frame of run.frames(splitter)) {
      frames++;
      yield frame;
    }
    await run.end(); // all that it has to say is said then
    if (options.signal.aborted) return;
    if (frames === 0) {
      const words = run.words.join("\n");
      if (/fps_mode/.test(words) && spelling + 1 < spellings.length) {
        spelling++;
        continue;
      }
      // ffmpeg gives up at a raw picture of the wrong length.
      if (/Dequeued v4l2 buffer contains/.test(words) && ++corruptStarts < MAX_CORRUPT_STARTS) {
        continue;
      }
      if (
        /Cannot find a proper format|Could not set video options/.test(words) &&
        recipe + 1 < recipes.length
      ) {
        recipe++;
        continue;
      }
    }
    // Exit status 0 is no good news: an unplugged camera ends a capture with it.
    if (ends && (await run.status).code === 0 && frames > 0) {
      if (frames === 1 && source.kind === "file") {
        onNote(`${nameOf(source)} is a single picture: with --loop it would go on being sent`);
      }
      return;
    }
    throw run.explanation(frames > 0);
  }
}

async function recipesFor(
  source: Source,
  options: CaptureOptions,
): Promise<Recipe[]> {
  switch (source.kind) {
    case "test":
      return [testRecipe(askedOfSource(options))];
    case "device":
      return options.mode === undefined
        ? cameraRecipes(source.path, askedOfSource(options))
        : [modeRecipe(source.path, options.mode, options)];
    case "screen": {
      const desktop = findDesktop();
      const note = desktopNote(desktop);
      if (note !== undefined) options.onNote?.(note);
      return [screenRecipe(source.number, options, desktop)];
    }
    case "stdin":
      return [
        mediaRecipe(source, options, { codec: "mjpeg", container: "mjpeg", isLive: true }),
      ];
    default:
      return [mediaRecipe(source, options, await probe(source, options))];
  }
}

/** Ends `frames` when `signal` is aborted, even while the source keeps still. */
async function* until(
  frames: AsyncGenerator<Frame>,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  let stop = () => {};
  const onAbort = () => stop();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted) {
      const result = await new Promise<IteratorResult<Frame, void> | undefined>(
        (resolve, reject) => {
          stop = () => resolve(undefined);
          frames.next().then(resolve, reject);
        },
      );
      if (result === undefined || result.done) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function isUntouched(picture: Picture): boolean {
  const { size, fps, quality, copy } = picture;
  return copy !== false && !isChanged(picture) &&
    [size, fps, quality].every((asked) => asked === undefined);
}
