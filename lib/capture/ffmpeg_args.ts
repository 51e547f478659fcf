/**
 * The command line of an ffmpeg that delivers a source as MJPEG.
 *
 * @module
 */

import { qscaleOfQuality } from "../base/quality.ts";
import { filtersFor, isChanged, isReshaped } from "./filters.ts";
import { isExactSize, type Picture } from "./picture.ts";
import { type Channels, opusOutput } from "../sound/opus_output.ts";
import type { Source } from "./source.ts";

/** One way of calling ffmpeg. */
export interface Recipe {
  /** Options and the input, up to and including `-i`. */
  input: string[];
  /** Whether the source's JPEGs pass through untouched. */
  copy: boolean;
  /** Whether the source has an end, as a file does. @default {false} */
  ends?: boolean;
  /** The stream of its sound, as ffmpeg names it: `0:a:0`. @default it has none */
  sound?: string;
  /** Filters that make pictures of what the source gives. @default none */
  filters?: string[];
}

/** The input of an ffmpeg to which we write. */
export const FED = "pipe:0";

const DEFAULT_QUALITY = 90;

/** How ffmpeg spells the option for times: the second until version 5.0. */
export const TIMING_OPTIONS = ["-fps_mode", "-vsync"] as const;

/** Complete arguments for ffmpeg, from a recipe. `timing` is how this ffmpeg spells the option. */
export function ffmpegArgs(
  recipe: Recipe,
  kind: Source["kind"],
  picture: Picture,
  output: string,
  timing: typeof TIMING_OPTIONS[number] = "-fps_mode",
  sound?: { channels: Channels; output: string | undefined },
): string[] {
  return [
    "-hide_banner",
    "-nostats",
    // ffmpeg reads commands from its standard input, unless it reads the pictures there.
    ...(recipe.input.includes(FED) ? [] : ["-nostdin"]),
    ...recipe.input,
    "-map",
    "0:v:0",
    ...(recipe.copy && !isChanged(picture)
      ? ["-c:v", "copy"]
      : encoderArgs(kind, picture, timing, recipe.filters)),
    "-f",
    "mjpeg",
    "-y",
    output,
    ...(recipe.sound === undefined || sound?.output === undefined
      ? []
      : opusOutput(recipe.sound, sound.channels, sound.output)),
  ];
}

function encoderArgs(
  kind: Source["kind"],
  picture: Picture,
  timing: string,
  before: string[] = [],
): string[] {
  const isPaced = kind === "test" || kind === "device" || kind === "screen"; // its rate was asked for
  // A camera was asked for an exact size and gives the nearest it has.
  const isSized = !isReshaped(picture) &&
    (kind === "test" || kind === "device" && isExactSize(picture.size));
  const filters = [
    ...before,
    ...filtersFor(picture, isPaced ? undefined : picture.fps, isSized ? undefined : picture.size),
  ];
  return [
    ...(filters.length > 0 ? ["-vf", filters.join(",")] : []),
    timing,
    "passthrough", // as captured: no frame twice, none waits for another
    // Else times count in frames, and the encoder fails when jitter puts two into the same one.
    "-enc_time_base",
    "1:1000000",
    "-c:v",
    "mjpeg",
    "-pix_fmt",
    "yuvj420p",
    "-q:v",
    `${qscaleOfQuality(picture.quality ?? DEFAULT_QUALITY)}`,
    // With more threads the encoder holds back a frame: it works on several at once.
    "-threads",
    "1",
  ];
}
