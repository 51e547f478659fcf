/**
 * Cameras that a source of several begins to offer while it is served.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { CamcatError } from "../base/errors.ts";
import type { SenderCamera } from "./make_cameras.ts";

/** How often a source is asked for its cameras, in milliseconds. */
const ASK_MS = 5000;
/** Asking takes at most this part of the time: a broker may have many keys of others. */
const SHARE = 0.05;

/** What {@linkcode laterCameras} needs. */
export interface LaterCamerasOptions {
  /** The names that are served from the start. */
  names: readonly string[];
  /** The most cameras. */
  most: number;
  /** Asks for the names of all cameras; undefined if there is no answer. */
  list: (signal: AbortSignal) => Promise<readonly string[] | undefined>;
  /** Makes a camera. */
  make: (name: string) => SenderCamera;
  /** Ends it. */
  signal: AbortSignal;
}

/** Makes each camera that was not there before, until there are `most`, or `signal` is aborted. */
export async function* laterCameras(
  { names, most, list, make, signal }: LaterCamerasOptions,
): AsyncGenerator<SenderCamera, void, void> {
  const known = new Set(names);
  let pauseMs = ASK_MS;
  while (known.size < most) {
    await wait(pauseMs, signal);
    if (signal.aborted) return;
    const asked = performance.now();
    for (const name of await listOrNot(list, signal) ?? []) {
      if (signal.aborted) return;
      if (known.has(name) || known.size >= most) continue;
      known.add(name);
      yield make(name);
    }
    pauseMs = Math.max(ASK_MS, (performance.now() - asked) / SHARE);
  }
}

/** The same without an error: the cameras that are served already report what is wrong. */
async function listOrNot(
  list: LaterCamerasOptions["list"],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    return await list(signal);
  } catch (error) {
    if (error instanceof CamcatError || signal.aborted) return undefined;
    throw error;
  }
}
