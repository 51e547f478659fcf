/**
 * Where the receiver's options send the picture: a display, and other sinks.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { Size } from "../base/size.ts";
import type { Adaptation } from "../protocol/control.ts";
import type { DISPLAYS, ReceiverOptions } from "./receiver_options.ts";

/** The options that send the picture elsewhere than to a display, and what they can do. */
const SINKS = {
  stdout: { hasFolders: false, hasMotion: false, isShown: false },
  webcam: { hasFolders: false, hasMotion: false, isShown: true },
  snapshot: { hasFolders: true, hasMotion: true, isShown: false },
  // Last: it creates a file at once.
  record: { hasFolders: true, hasMotion: true, isShown: false },
} satisfies Partial<
  Record<keyof ReceiverOptions, {
    /** Whether its value can be a folder, with one inside for each camera. */
    hasFolders: boolean;
    /** Whether `--motion` limits it to what moves. */
    hasMotion: boolean;
    /** Whether people look at it: then pictures may be smaller where the link is slow. */
    isShown: boolean;
  }>
>;

/** An option that sends the picture elsewhere than to a display. */
export type Sink = keyof typeof SINKS;

/** Where to show the picture. */
export function displayOf(options: ReceiverOptions): typeof DISPLAYS[number] {
  if (options["no-display"]) return "none";
  const hasWindow = options.player !== undefined || sinksOf(options).length === 0;
  return options.display ?? (hasWindow ? "window" : "none");
}

/**
 * What to do with the sound: it is heard where the picture is shown, unless that is one of many,
 * and where `--sound` asks for it. In a terminal it can be muted and heard again.
 */
export function soundOf(options: ReceiverOptions, isOneOfMany: boolean): "heard" | "muted" | "off" {
  const display = displayOf(options);
  if (options.mute) return display === "terminal" ? "muted" : "off";
  return options.sound || display !== "none" && !isOneOfMany ? "heard" : "off";
}

/** The sinks that the options ask for, in the order in which they are opened. */
export function sinksOf(options: ReceiverOptions): Sink[] {
  return (Object.keys(SINKS) as Sink[]).filter((sink) =>
    options[sink] !== undefined && options[sink] !== false
  );
}

/** The sinks that can do something. */
export function sinksWith<Ability extends "hasFolders" | "hasMotion">(ability: Ability) {
  type Able = { [S in Sink]: typeof SINKS[S][Ability] extends true ? S : never }[Sink];
  return (Object.keys(SINKS) as Sink[]).filter((sink): sink is Able => SINKS[sink][ability]);
}

/** The options for one of all cameras: it writes to `folder` in the folder that the options name. */
export function ofCamera(
  options: ReceiverOptions,
  camera: string,
  folder: string,
): ReceiverOptions {
  const ofOne = { ...options, camera };
  for (const sink of sinksWith("hasFolders")) {
    if (options[sink] !== undefined) ofOne[sink] = `${options[sink]}${folder}/`;
  }
  return ofOne;
}

/**
 * The pictures to ask for on a slow link; undefined for the camera's own, which is what recordings,
 * motion and other programs get unless the options say otherwise.
 *
 * @param shown the size that the display shows, if it is known
 */
export function adaptationOf(
  options: ReceiverOptions,
  shown: Required<Size> | undefined,
): Adaptation | undefined {
  const { prefer, "max-rate": rate, "max-size": most } = options;
  const sinks = sinksOf(options);
  const isShown = displayOf(options) !== "none" || sinks.length > 0;
  const isOnlyShown = isShown && sinks.every((sink) => SINKS[sink].isShown) && !options.motion;
  if (!isOnlyShown && prefer === undefined && rate === undefined && most === undefined) {
    return undefined;
  }
  const least = (a = Infinity, b = Infinity) => {
    const value = Math.min(a, b);
    return value === Infinity ? undefined : value;
  };
  const size = isOnlyShown ? shown : undefined;
  return defined({
    prefer: prefer ?? (isOnlyShown ? "balanced" : "sharp"),
    rate,
    width: least(most?.width, size?.width),
    height: least(most?.height, size?.height),
    maxWidth: most?.width,
    maxHeight: most?.height,
  });
}
