/**
 * The camera of this end of a call.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { Capture, type CaptureOptions } from "../capture/capture.ts";
import { type Source, sourceName } from "../capture/source.ts";
import { Webcam } from "../capture/webcam.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { Console } from "../program/console.ts";

/** A camera that is opened for each call; what was learnt of it makes the next start faster. */
export class OwnCamera {
  /** What people call it. */
  readonly name: string;

  #capture: Capture;
  #webcam: Webcam | undefined;

  /** Opens nothing. */
  constructor(source: Source) {
    this.name = sourceName(source);
    this.#capture = new Capture(source);
    this.#webcam = source.kind === "device" ? new Webcam(source) : undefined;
  }

  /** Waits for a camera that was lost, see {@linkcode Webcam.pause}. */
  get pause(): Webcam["pause"] | undefined {
    return this.#webcam?.pause;
  }

  /** Its frames until `options.signal` is aborted. */
  frames(options: CaptureOptions): AsyncGenerator<Frame, void, void> {
    return this.#webcam?.capture(options) ?? this.#capture.frames(options);
  }
}

/**
 * Finds the camera of this end.
 *
 * @param find finds the one that is named, or the first
 * @returns undefined if none is named and there is none
 */
export async function ownCamera(
  name: string | undefined,
  find: (name: string | undefined) => Promise<Source>,
  console: Console,
): Promise<OwnCamera | undefined> {
  try {
    return new OwnCamera(await find(name));
  } catch (error) {
    if (name !== undefined || !(error instanceof CamcatError)) throw error;
    console.warn(
      { event: "no-camera", reason: error.message },
      "There is no camera: the other end will hear you, but not see you",
    );
    return undefined;
  }
}
