/**
 * From one capture to any number of viewers.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { PROTOCOL_VERSION, type Stream } from "../protocol/control.ts";
import { Frame } from "../jpeg/frame.ts";
import type { Connection } from "../protocol/connection.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { NO_SIGNAL_MS, noSignal } from "../jpeg/no_signal.ts";
import { EncodedFrame } from "./encoded_frame.ts";
import { Histogram, Quantiles } from "../base/stats.ts";
import { Viewer, type ViewerEvents } from "./viewer.ts";

/** Peers over the limit that may wait, a moment each, to hear that they are refused. */
const MAX_REFUSED = 64;
/** How long one that wants every frame is given to take those that wait at the end. */
const PATIENCE_MS = 10_000;

/** Bounds of {@linkcode Hub.latencies}: from a cable to a bad mobile network. */
const LATENCY_BOUNDS_MS = [5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1000, 2500, 5000];

/** One who watches a {@linkcode Hub}, in whatever way the pictures travel. */
export interface FrameSink {
  /** Bytes of frames handed to the network. */
  readonly sentBytes: number;
  /** Frames replaced by newer ones before they could be sent. */
  readonly droppedFrames: number;
  /** Resolves when nothing is left of its connection. */
  readonly settled: Promise<void>;
  /** Watches until it goes. Never rejects. @returns why it has gone */
  run(): Promise<string>;
  /** Puts the newest frame before it; it has to hold what it keeps. */
  offer(packet: EncodedFrame): void;
  /** Tells it that {@linkcode Hub.stream} has changed. */
  describe(): void;
  /** Is called about once a second. */
  tick(): void;
  /** Lets it go; if it wants every frame, not before it has what waits, or that long. */
  leave(reason: string, patienceMs: number): Promise<void>;
}

/** Options of {@linkcode Hub}. */
export interface HubOptions {
  /**
   * What viewers are told the picture is called.
   *
   * @default {"camera"}
   */
  name?: string;
  /**
   * Viewers served at once; one more is told so and let go.
   *
   * @default {128}
   */
  maxViewers?: number;
  /** Called when a viewer has come. */
  onConnected?: (peer: string) => void;
  /** Called when a viewer has gone, with the reason and the seconds it stayed. */
  onLeft?: (peer: string, reason: string, seconds: number) => void;
  /**
   * Called now and then while a viewer that wants every frame is too slow for that, with
   * the number of frames it has lost since the last call.
   */
  onBehind?: (peer: string, frames: number) => void;
}

/** Running totals of a {@linkcode Hub}. */
export interface HubTotals {
  /** Frames published; what is shown while there is no signal does not count. */
  frames: number;
  /** Bytes of frames handed to the network, all viewers together. */
  sentBytes: number;
  /** Frames that some viewer was not sent, all viewers together. */
  droppedFrames: number;
  /** How often a capture was lost, and is started again. */
  restarts: number;
}

/**
 * Gives every published frame to every viewer: each takes the newest when it
 * can, and none waits for another.
 */
export class Hub {
  /** What viewers are told the picture is called. */
  readonly name: string;
  /** Times from capture to display, as the acknowledgements tell them. */
  readonly latencyMs: Quantiles = new Quantiles();
  /** All of these times since the start. */
  readonly latencies: Histogram = new Histogram(LATENCY_BOUNDS_MS);

  #maxViewers: number;
  #options: HubOptions;
  #viewers = new Set<FrameSink>();
  /** Connections that hold a descriptor: the viewers, and those that left with a write pending. */
  #seats = 0;
  #refused = 0;
  #last: EncodedFrame | undefined;
  #frames = 0;
  #restarts = 0;
  #seq = 0;
  #stream: Stream;
  /** Since when there is no signal, and the size of the picture before. */
  #loss: { since: number; size: ReturnType<typeof sizeOf> } | undefined;
  #gone = { sentBytes: 0, droppedFrames: 0 };
  #onWatched: (() => void) | undefined;
  #ticker: ReturnType<typeof setTimeout> | undefined;
  #viewerEvents: Omit<ViewerEvents, "behind"> = {
    stream: () => this.stream,
    shown: (latencyMs) => {
      this.latencyMs.add(latencyMs);
      this.latencies.add(latencyMs);
    },
  };

  /** Makes a hub without viewers. */
  constructor(options: HubOptions = {}) {
    this.#options = options;
    this.name = options.name ?? "camera";
    this.#stream = this.#streamOf(true, "");
    this.#maxViewers = options.maxViewers ?? 128;
  }

  /** How many viewers there are. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /** Totals since the start. */
  get totals(): HubTotals {
    const totals = { frames: this.#frames, restarts: this.#restarts, ...this.#gone };
    for (const viewer of this.#viewers) {
      totals.sentBytes += viewer.sentBytes;
      totals.droppedFrames += viewer.droppedFrames;
    }
    return totals;
  }

  /** Whether one more viewer may come. */
  get hasRoom(): boolean {
    return this.#seats < this.#maxViewers;
  }

  /** What viewers are told of it now: the same object until it changes. */
  get stream(): Stream {
    return this.#stream;
  }

  /** Resolves when somebody watches, or `signal` is aborted. */
  watched(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#viewers.size > 0 || signal.aborted) return resolve();
      const done = () => {
        signal.removeEventListener("abort", done);
        this.#onWatched = undefined;
        resolve();
      };
      this.#onWatched = done;
      signal.addEventListener("abort", done);
    });
  }

  /** Gives `frame` to all viewers, numbered anew. The hub owns it from then on. */
  publish(frame: Frame): void {
    if (this.#loss !== undefined) {
      this.#loss = undefined;
      this.#describe(true, "");
    }
    this.#frames++;
    this.#publish(frame);
  }

  /**
   * Says that the capture is lost: viewers see that there is no signal, and since
   * when, and those that understand are told why. The next {@linkcode Hub.publish}
   * ends that.
   */
  lost(reason: string): void {
    this.#restarts++;
    const isNew = this.#loss === undefined;
    this.#loss ??= { since: Date.now(), size: this.#last && sizeOf(this.#last.frame.jpeg) };
    this.#describe(false, reason);
    if (isNew) this.#showNoSignal();
  }

  /** Forgets the last picture: who comes next must not see it. */
  forget(): void {
    this.#last?.frame.release();
    this.#last = undefined;
    this.latencyMs.clear();
  }

  /**
   * Serves a viewer until it has gone. Never throws.
   *
   * @param options.isSilent whether it was given time to say hello before, and said nothing
   */
  async serve(
    connection: Connection,
    peer: string,
    options: { isSilent?: boolean } = {},
  ): Promise<void> {
    if (!this.hasRoom) return await this.#refuse(connection);
    const behind = (frames: number) => this.#options.onBehind?.(peer, frames);
    await this.attend(new Viewer(connection, { ...this.#viewerEvents, behind }, options), peer);
  }

  /**
   * Shows the pictures to a viewer of any kind until it has gone; to be called only
   * where there is room ({@linkcode Hub.hasRoom}). Never throws.
   *
   * @param peer who it is; without it, its coming and going is not told
   */
  async attend(viewer: FrameSink, peer?: string): Promise<void> {
    const since = performance.now();
    this.#seats++;
    this.#viewers.add(viewer);
    const isFirst = this.#ticker === undefined;
    this.#ticker ??= setInterval(() => this.#tick(), NO_SIGNAL_MS);
    if (peer !== undefined) this.#options.onConnected?.(peer);
    this.#onWatched?.();
    // A picture that was made when nobody watched tells an old time.
    if (isFirst && this.#loss !== undefined) this.#showNoSignal();
    else if (this.#last !== undefined) viewer.offer(this.#last);
    const reason = await viewer.run();
    this.#viewers.delete(viewer);
    this.#gone.sentBytes += viewer.sentBytes;
    this.#gone.droppedFrames += viewer.droppedFrames;
    if (this.#viewers.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    if (peer !== undefined) {
      this.#options.onLeft?.(peer, reason, (performance.now() - since) / 1000);
    }
    await viewer.settled;
    this.#seats--;
  }

  /**
   * Lets all viewers go; those that want every frame get what waits for them first, if
   * they can within `patienceMs`.
   */
  async close(reason: string, patienceMs = PATIENCE_MS): Promise<void> {
    await Promise.all([...this.#viewers].map((viewer) => viewer.leave(reason, patienceMs)));
    this.forget();
  }

  async #refuse(connection: Connection): Promise<void> {
    if (this.#refused >= MAX_REFUSED) return connection.close();
    this.#refused++;
    const reason = `no place for another viewer: ${this.#maxViewers} are watching`;
    const events = { ...this.#viewerEvents, behind: () => {} };
    await new Viewer(connection, events, { refusal: reason }).run();
    this.#refused--;
  }

  /** Publishes a picture of its own, while there is no signal. */
  #showNoSignal(): void {
    if (this.#loss === undefined) return;
    const { since, size } = this.#loss;
    const picture = noSignal(this.name, since, Date.now(), size);
    this.#publish(Frame.from(picture, { time: now() }));
  }

  #streamOf(live: boolean, reason: string): Stream {
    return { type: "stream", version: PROTOCOL_VERSION, name: this.name, live, reason };
  }

  #describe(live: boolean, reason: string): void {
    this.#stream = this.#streamOf(live, reason);
    for (const viewer of this.#viewers) viewer.describe();
  }

  #publish(frame: Frame): void {
    frame.seq = this.#seq++;
    const packet = new EncodedFrame(frame, this.#stream);
    this.#last?.frame.release();
    this.#last = packet;
    for (const viewer of this.#viewers) viewer.offer(packet);
  }

  #tick(): void {
    this.#showNoSignal();
    for (const viewer of this.#viewers) viewer.tick();
  }
}
