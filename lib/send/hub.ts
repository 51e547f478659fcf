/**
 * One camera's frames, given to any number of viewers.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { now } from "../base/clock.ts";
import { PROTOCOL_VERSION, type Stream } from "../protocol/control.ts";
import { Frame } from "../jpeg/frame.ts";
import { type Connection, isEncrypted } from "../protocol/connection.ts";
import { addressOfPeer } from "../security/fair_share.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { NO_SIGNAL_MS, noSignal } from "../jpeg/no_signal.ts";
import { EncodedFrame } from "./encoded_frame.ts";
import type { FrameSink } from "./frame_sink.ts";
import type { HubOptions, HubTotals } from "./hub_options.ts";
import { Histogram, Quantiles } from "../base/stats.ts";
import { Renditions } from "../rendition/renditions.ts";
import { Seats } from "./seats.ts";
import { Viewer, type ViewerEvents } from "./viewer.ts";

/** Peers over the limit that may wait at once until they are told so. */
const MAX_REFUSED = 64;
/** How long a viewer of every frame may take at the end to drain its queue. */
const PATIENCE_MS = 10_000;
/** Bounds of {@linkcode Hub.latencies}: from a cable to a bad mobile network. */
const LATENCY_BOUNDS_MS = [5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1000, 2500, 5000];

/** Gives every published frame to every viewer: each takes the newest when it is ready. */
export class Hub {
  /** The camera's name. */
  readonly name: string;
  /** Recent times from capture to display, measured by acknowledgements. */
  readonly latencyMs: Quantiles = new Quantiles();
  /** All of these times since the start. */
  readonly latencies: Histogram = new Histogram(LATENCY_BOUNDS_MS);
  /** Smaller and coarser pictures of this camera, made while somebody watches them. */
  readonly renditions: Renditions<EncodedFrame>;

  #seats: Seats;
  #options: HubOptions;
  #viewers = new Set<FrameSink>();
  #refused = 0;
  #last: EncodedFrame | undefined;
  #frames = 0;
  #restarts = 0;
  #seq = 0;
  #stream: Stream;
  /** Since when the capture is lost, and the size of the last picture. */
  #loss: { since: number; size: ReturnType<typeof sizeOf> } | undefined;
  #former = { sentBytes: 0, droppedFrames: 0 };
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
    this.#seats = new Seats(options.maxViewers ?? 128);
    this.renditions = new Renditions(options.renditions);
  }

  /** The number of viewers. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /** Totals since the start. */
  get totals(): HubTotals {
    const totals = { frames: this.#frames, restarts: this.#restarts, ...this.#former };
    for (const viewer of this.#viewers) {
      totals.sentBytes += viewer.sentBytes;
      totals.droppedFrames += viewer.droppedFrames;
    }
    return totals;
  }

  /**
   * Makes room for one more viewer: a silent one gives way, see {@linkcode Seats.makeRoom}.
   *
   * @param from the newcomer's address; empty if it has proven the key
   * @returns whether there is room
   */
  makeRoom(from = ""): boolean {
    return this.#seats.makeRoom(from);
  }

  /** The state of the stream, as viewers are told: the same object until it changes. */
  get stream(): Stream {
    return this.#stream;
  }

  /** Resolves when there is a viewer, or `signal` is aborted. */
  async watched(signal: AbortSignal): Promise<void> {
    if (this.#viewers.size > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onWatched = resolve;
    using _ = onAbort(signal, resolve);
    await promise;
  }

  /**
   * Gives `frame` to all viewers. The hub owns it from then on, and gives it a number of this
   * hub: whoever publishes frames that another hub or output still uses passes a copy.
   */
  publish(frame: Frame): void {
    if (this.#loss !== undefined) {
      this.#loss = undefined;
      this.#describe(true, "");
    }
    this.#frames++;
    this.#publish(frame);
  }

  /**
   * Reports that the capture is lost. Viewers see NO SIGNAL and since when; those that said
   * hello are told why. The next {@linkcode Hub.publish} ends that.
   */
  lost(reason: string): void {
    this.#restarts++;
    const isNew = this.#loss === undefined;
    this.#loss ??= { since: Date.now(), size: this.#last && sizeOf(this.#last.frame.jpeg) };
    this.#describe(false, reason);
    if (isNew) this.#showNoSignal();
  }

  /** Drops the last picture, so that the next viewer does not see it. */
  forget(): void {
    this.#last?.frame.release();
    this.#last = undefined;
    this.renditions.close();
    this.latencyMs.clear();
  }

  /**
   * Serves a viewer until it disconnects. Never throws.
   *
   * @param options.isRaw whether the time to say hello is over already
   */
  async serve(
    connection: Connection,
    peer: string,
    options: { isRaw?: boolean } = {},
  ): Promise<void> {
    const from = isEncrypted(connection) ? "" : addressOfPeer(peer);
    if (!this.makeRoom(from)) return await this.#refuse(connection);
    const behind = (frames: number) => this.#options.onBehind?.(peer, frames);
    const viewer = new Viewer(connection, { ...this.#viewerEvents, behind }, {
      ...options,
      renditions: this.renditions,
      maxRate: this.#options.maxRate,
    });
    await this.attend(viewer, peer, from);
  }

  /**
   * Gives the frames to a viewer of any kind until it disconnects. Call it only while
   * {@linkcode Hub.makeRoom} returns true. Never throws.
   *
   * @param peer its address; without one, no event reports it
   * @param from its address; empty if it has proven the key
   */
  async attend(viewer: FrameSink, peer?: string, from = ""): Promise<void> {
    const since = performance.now();
    this.#seats.take(viewer, from);
    this.#viewers.add(viewer);
    const isFirst = this.#ticker === undefined;
    this.#ticker ??= setInterval(() => this.#tick(), NO_SIGNAL_MS);
    if (peer !== undefined) this.#options.onConnected?.(peer);
    this.#onWatched?.();
    // A picture that was made before the first viewer connected shows an old time.
    if (isFirst && this.#loss !== undefined) this.#showNoSignal();
    else if (this.#last !== undefined) viewer.offer(this.#last);
    const reason = await viewer.run();
    this.#viewers.delete(viewer);
    this.#seats.leave(viewer);
    this.#former.sentBytes += viewer.sentBytes;
    this.#former.droppedFrames += viewer.droppedFrames;
    if (this.#viewers.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    if (peer !== undefined) {
      this.#options.onLeft?.(peer, reason, (performance.now() - since) / 1000);
    }
    await viewer.settled;
    this.#seats.free(viewer);
  }

  /**
   * Disconnects all viewers; those of every frame first drain their queues, for at most
   * `patienceMs`.
   */
  async close(reason: string, patienceMs = PATIENCE_MS): Promise<void> {
    await Promise.all([...this.#viewers].map((viewer) => viewer.leave(reason, patienceMs)));
    this.forget();
    await this.renditions.close();
  }

  async #refuse(connection: Connection): Promise<void> {
    if (this.#refused >= MAX_REFUSED) return connection.close();
    this.#refused++;
    const reason = `no room for another viewer: ${this.#seats.max} are watching`;
    const events = { ...this.#viewerEvents, behind: () => {} };
    await new Viewer(connection, events, { refusal: reason }).run();
    this.#refused--;
  }

  /** Publishes a picture that says NO SIGNAL, while the capture is lost. */
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
    const encoded = new EncodedFrame(frame, this.#stream);
    this.#last?.frame.release();
    this.#last = encoded;
    this.renditions.offer(encoded, this.#stream.live);
    for (const viewer of this.#viewers) viewer.offer(encoded);
  }

  #tick(): void {
    this.#showNoSignal();
    for (const viewer of this.#viewers) viewer.tick();
  }
}
