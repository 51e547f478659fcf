/**
 * Keeps a hub supplied from a capture that may die.
 *
 * @module
 */

import { Backoff, wait } from "./backoff.ts";
import { CamcatError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import type { Hub } from "./hub.ts";

/** How long the capture goes on after the last viewer has left, when on demand. */
const LINGER_MS = 5000;

/** What the capture is doing. */
export type CaptureState = "starting" | "live" | "lost" | "idle" | "ended";

/** Options of {@linkcode feed}. */
export interface FeedOptions {
  /** Starts a capture; it ends, without an error, when the signal is aborted. */
  open: (signal: AbortSignal) => AsyncIterable<Frame>;
  /** Capture only while somebody watches. @default {false} */
  onDemand?: boolean;
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
 * user asked for does not work
 */
export async function feed(hub: Hub, options: FeedOptions): Promise<void> {
  const { open, signal, onDemand = false, onState } = options;
  const backoff = new Backoff();
  let everLive = false;
  while (!signal.aborted) {
    if (onDemand && hub.viewers === 0) {
      hub.forget();
      onState?.("idle");
      await hub.watched(signal);
      if (signal.aborted) break;
    }
    using demand = onDemand ? new Demand(hub, signal) : undefined;
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
      if (!everLive && !onDemand) throw error;
      onState?.("lost", error);
      hub.lost(error.message);
      await wait(backoff.nextMs(), signal);
    }
  }
}

/** Is aborted once nobody has watched for a while, or when its parent is. */
class Demand implements Disposable {
  #controller = new AbortController();
  #hub: Hub;
  #parent: AbortSignal;
  #timer: ReturnType<typeof setTimeout>;
  #idleSince: number | undefined;

  constructor(hub: Hub, parent: AbortSignal) {
    this.#hub = hub;
    this.#parent = parent;
    this.#timer = setInterval(() => this.#look(), 500);
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
      performance.now() - this.#idleSince >= LINGER_MS
    ) this.#abort();
  }

  #abort = (): void => this.#controller.abort();

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#parent.removeEventListener("abort", this.#abort);
  }
}
