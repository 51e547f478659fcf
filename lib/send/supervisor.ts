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

/** On demand: how often to check whether there are viewers. */
const CHECK_MS = 250;

/** What the capture is doing. */
export type CaptureState = "starting" | "live" | "lost" | "idle" | "ended";

/** Where a capture goes: a `Hub` for frames, or its `SoundChannel`. */
export interface Supplied<T> {
  /** How many watch or listen. */
  readonly viewers: number;
  /** Resolves when somebody does, or `signal` is aborted. */
  watched(signal: AbortSignal): Promise<void>;
  /** Takes what was captured. */
  publish(item: T): void;
  /** Is told that the capture is lost. */
  lost(reason: string): void;
  /** Is told that nothing is captured, because nobody wants it. */
  forget(): void;
}

/** Options of {@linkcode supervise}. */
export interface SuperviseOptions<T = Frame> {
  /** Starts a capture; it must end without an error when the signal is aborted. */
  open: (signal: AbortSignal) => AsyncIterable<T>;
  /** Takes each frame. @default `hub.publish` */
  publish?: (item: T) => void;
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
 * Publishes the frames or the sound of a capture until it ends, and restarts it with growing delays when it
 * fails. Viewers stay connected meanwhile.
 *
 * @throws {CamcatError} if the first capture fails hopelessly before its first frame, because what
 * the user asked for does not work
 */
export async function supervise<T>(
  hub: Supplied<T>,
  options: SuperviseOptions<T>,
): Promise<void> {
  const { open, signal, onDemand = false, lingerMs = 5000, pause = wait, onState } = options;
  const { publish = (item: T) => hub.publish(item), isHopeless = isNotBusy } = options;
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
      for await (const item of open(demand?.signal ?? signal)) {
        if (!live) {
          live = everLive = true;
          backoff.reset();
          onState?.("live");
        }
        publish(item);
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
  #hub: Supplied<never>;
  #lingerMs: number;
  #parent: Disposable;
  #timer: ReturnType<typeof setTimeout>;
  #idleSince: number | undefined;

  constructor(hub: Supplied<never>, parent: AbortSignal, lingerMs: number) {
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
