/**
 * Keeps a hub supplied from a capture that may die.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import { BusyError, CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { Hub } from "./hub.ts";

/** How often it is looked whether somebody watches, when on demand. */
const LOOK_MS = 250;

/** What the capture is doing. */
export type CaptureState = "starting" | "live" | "lost" | "idle" | "ended";

/** Options of {@linkcode feed}. */
export interface SuperviseOptions {
  /** Starts a capture; it ends, without an error, when the signal is aborted. */
  open: (signal: AbortSignal) => AsyncIterable<Frame>;
  /** Capture only while somebody watches. @default {false} */
  onDemand?: boolean;
  /** How long the capture goes on after the last viewer has left, when on demand. @default {5000} */
  lingerMs?: number;
  /**
   * How to wait for `ms` after a loss; may end earlier if trying again makes sense, or later.
   *
   * @default {wait}
   */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Stops everything. */
  signal: AbortSignal;
  /** Called whenever the state changes; with the reason when the capture is lost. */
  onState?: (state: CaptureState, error?: CamcatError) => void;
}

/**
 * Publishes the frames of a capture until it comes to its end, and starts it
 * anew, with growing delays, when it is lost. Viewers stay connected meanwhile.
 *
 * @throws {CamcatError} if the very first capture gives no frame at all: what the
 * user asked for does not work; unless another program holds the camera
 */
export async function supervise(hub: Hub, options: SuperviseOptions): Promise<void> {
  const { open, signal, onDemand = false, lingerMs = 5000, pause = wait, onState } = options;
  const backoff = new Backoff();
  let everLive = false;
  while (!signal.aborted) {
    if (onDemand && hub.viewers === 0) {
      hub.forget();
      onState?.("idle");
      await hub.watched(signal);
      if (signal.aborted) break;
    }
    using demand = onDemand ? new Demand(hub, signal, lingerMs) : undefined;
    onState?.("starting");
    let live = false;
    try {
      for await (const frame of open(demand?.signal ?? signal)) {
        if (!live) {
          live = everLive = true;
          backoff.reset();
          onState?.("live");
        }
        hub.publish(frame);
      }
      if (signal.aborted) break;
      if (!demand?.signal.aborted) {
        onState?.("ended");
        return;
      }
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      if (!everLive && !onDemand && !(error instanceof BusyError)) throw error;
      onState?.("lost", error);
      hub.lost(error.message);
      await pause(backoff.nextMs(), signal);
    }
  }
}

/** Is aborted once nobody has watched for a while, or when its parent is. */
class Demand implements Disposable {
  #controller = new AbortController();
  #hub: Hub;
  #parent: AbortSignal;
  #lingerMs: number;
  #timer: ReturnType<typeof setTimeout>;
  #idleSince: number | undefined;

  constructor(hub: Hub, parent: AbortSignal, lingerMs: number) {
    this.#hub = hub;
    this.#parent = parent;
    this.#lingerMs = lingerMs;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    parent.addEventListener("abort", this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #look(): void {
    if (this.#hub.viewers > 0) this.#idleSince = undefined;
    else this.#idleSince ??= performance.now();
    if (
      this.#idleSince !== undefined &&
      performance.now() - this.#idleSince >= this.#lingerMs
    ) this.#abort();
  }

  #abort = (): void => this.#controller.abort();

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#parent.removeEventListener("abort", this.#abort);
  }
}
