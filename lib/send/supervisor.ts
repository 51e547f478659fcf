/**
 * Restarts a capture that fails, and captures on demand.
 *
 * @module
 */

import { onAbort, wait } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import { BusyError, CamcatError, wordsOf } from "../base/errors.ts";
import { isShortage } from "../base/shortage.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { Hub } from "./hub.ts";

/** On demand: how often to check whether there are viewers. */
const CHECK_MS = 250;

/** What the capture is doing. */
export type CaptureState = "starting" | "live" | "lost" | "idle" | "ended";

/** Options of {@linkcode supervise}. */
export interface SuperviseOptions {
  /** Starts a capture; it must end without an error when the signal is aborted. */
  open: (signal: AbortSignal) => AsyncIterable<Frame>;
  /** Takes each frame. @default `hub.publish` */
  publish?: (frame: Frame) => void;
  /**
   * Whether it is of no use to try again after a first capture that failed so.
   *
   * @default unless another program uses the camera
   */
  isHopeless?: (error: CamcatError) => boolean;
  /** Capture only while there are viewers. @default {false} */
  onDemand?: boolean;
  /** On demand: how long the capture continues after the last viewer. @default {5000} */
  lingerMs?: number;
  /**
   * Waits for `ms` milliseconds after a loss; may return earlier if a restart makes sense then.
   *
   * @default {wait}
   */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Stops everything. */
  signal: AbortSignal;
  /** Called when the state changes; with the reason if the capture is lost. */
  onState?: (state: CaptureState, error?: CamcatError) => void;
}

/**
 * Publishes the frames of a capture until it ends, and restarts it with growing delays when it
 * fails. Viewers stay connected meanwhile.
 *
 * @throws {CamcatError} if the first capture fails hopelessly before its first frame, because what
 * the user asked for does not work
 */
export async function supervise(hub: Hub, options: SuperviseOptions): Promise<void> {
  const { open, signal, onDemand = false, lingerMs = 5000, pause = wait, onState } = options;
  const { publish = (frame) => hub.publish(frame), isHopeless = isNotBusy } = options;
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
        publish(frame);
      }
      if (signal.aborted) break;
      if (!demand?.signal.aborted) {
        onState?.("ended");
        return;
      }
    } catch (cause) {
      const error = isShortage(cause) ? shortage(cause) : cause;
      if (!(error instanceof CamcatError)) throw error;
      if (!everLive && !onDemand && isHopeless(error)) throw error;
      onState?.("lost", error);
      hub.lost(error.message);
      await pause(backoff.nextMs(), signal);
    }
  }
}

function isNotBusy(error: CamcatError): boolean {
  return !(error instanceof BusyError);
}

/** Lack of descriptors or memory passes: it is a lost capture, and no reason to exit. */
function shortage(cause: unknown): CamcatError {
  return new CamcatError(`Cannot start the capture: ${wordsOf(cause)}`, { cause });
}

/** Aborts its signal after a time without viewers, or with its parent. */
class Demand implements Disposable {
  #controller = new AbortController();
  #hub: Hub;
  #lingerMs: number;
  #parent: Disposable;
  #timer: ReturnType<typeof setTimeout>;
  #idleSince: number | undefined;

  constructor(hub: Hub, parent: AbortSignal, lingerMs: number) {
    this.#hub = hub;
    this.#lingerMs = lingerMs;
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#parent = onAbort(parent, () => this.#controller.abort());
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #check(): void {
    if (this.#hub.viewers > 0) this.#idleSince = undefined;
    else this.#idleSince ??= performance.now();
    if (
      this.#idleSince !== undefined &&
      performance.now() - this.#idleSince >= this.#lingerMs
    ) this.#controller.abort();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#parent[Symbol.dispose]();
  }
}
