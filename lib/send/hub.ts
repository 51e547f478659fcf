/**
 * One camera's frames, given to any number of viewers.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { now } from "../base/clock.ts";
import type { Stream } from "../protocol/control.ts";
import { Frame } from "../jpeg/frame.ts";
import { type Connection, isEncrypted } from "../protocol/connection.ts";
import { addressOfPeer } from "../security/fair_share.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { NO_SIGNAL_MS } from "../jpeg/no_signal.ts";
import { EncodedFrame } from "./encoded_frame.ts";
import type { FrameSink } from "./frame_sink.ts";
import type { HubOptions, HubTotals } from "./hub_options.ts";
import { Numbering } from "./numbering.ts";
import { Signal, type SourceState } from "./signal.ts";
import { Histogram, LATENCY_BOUNDS_MS, Quantiles } from "../base/stats.ts";
import { Renditions } from "../rendition/renditions.ts";
import { SoundChannel } from "./sound_channel.ts";
import { Seats } from "./seats.ts";
import { Viewer } from "./viewer.ts";
import type { ViewerEvents } from "./viewer_options.ts";

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
  /** The sound of this camera, if it is announced. */
  readonly sound: SoundChannel;

  #seats: Seats;
  #options: HubOptions;
  #viewers = new Set<FrameSink>();
  #last: EncodedFrame | undefined;
  #frames = 0;
  #restarts = 0;
  #numbers = new Numbering();
  #signal: Signal;
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
    this.#signal = new Signal(this.name);
    this.#seats = new Seats(options.maxViewers ?? 128);
    this.renditions = new Renditions(options.renditions);
    this.sound = new SoundChannel((state) => this.#change(() => this.#signal.hear(state)));
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
    return this.#signal.stream;
  }

  /** Resolves when there is a viewer, or `signal` is aborted. */
  async watched(signal: AbortSignal): Promise<void> {
    if (this.#viewers.size > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _ = onAbort(signal, this.#onWatched = resolve);
    await promise;
  }

  /**
   * Gives `frame` to all viewers. The hub owns it from then on, and gives it a number of this
   * hub: whoever publishes frames that another hub or output still uses passes a copy.
   */
  publish(frame: Frame): void {
    this.#change(() => this.#signal.found());
    this.#frames++;
    this.#publish(frame, this.#numbers.next());
  }

  /**
   * Gives a frame of another sender to all viewers, like {@linkcode Hub.publish}. It keeps its number
   * where it can, and is whatever the other sender has last said: live, or a picture that says NO
   * SIGNAL, see {@linkcode Hub.follow}.
   */
  pass(frame: Frame): void {
    if (this.stream.live) this.#frames++;
    this.#publish(frame, this.#numbers.keep(frame.seq));
  }

  /** Tells viewers what the sender whose frames are passed on says of its stream. */
  follow(source: SourceState): void {
    this.#change(() => this.#signal.follow(source));
  }

  /**
   * Reports that the capture is lost. Viewers see NO SIGNAL and since when; those that said
   * hello are told why. The next {@linkcode Hub.publish} or {@linkcode Hub.follow} ends that.
   */
  lost(reason: string): void {
    this.#restarts++;
    const isNew = !this.#signal.isLost;
    const size = this.#last && sizeOf(this.#last.frame.jpeg);
    this.#change(() => this.#signal.lose(reason, size));
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
    if (!this.makeRoom(from)) {
      return await this.#seats.refuse(connection, { ...this.#viewerEvents, behind: () => {} });
    }
    const behind = (frames: number) => this.#options.onBehind?.(peer, frames);
    const viewer = new Viewer(connection, { ...this.#viewerEvents, behind }, {
      ...options,
      renditions: this.renditions,
      sound: this.sound,
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
    if (isFirst && this.#signal.isLost) this.#showNoSignal();
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
  async close(reason: string, patienceMs = 10_000): Promise<void> {
    await Promise.all([...this.#viewers].map((viewer) => viewer.leave(reason, patienceMs)));
    this.forget();
    await this.renditions.close();
  }

  /** Publishes a picture that says NO SIGNAL, while the capture is lost. */
  #showNoSignal(): void {
    const picture = this.#signal.lossPicture();
    if (picture === undefined) return;
    this.#publish(Frame.from(picture, { time: now() }), this.#numbers.next());
  }

  /** Changes the signal, and tells viewers if that changes the stream. */
  #change(change: () => void): void {
    const { stream } = this;
    change();
    if (this.stream === stream) return;
    for (const viewer of this.#viewers) viewer.describe();
  }

  #publish(frame: Frame, seq: number): void {
    frame.seq = seq;
    const encoded = new EncodedFrame(frame, this.stream);
    this.#last?.frame.release();
    this.#last = encoded;
    this.renditions.offer(encoded, this.stream.live);
    for (const viewer of this.#viewers) viewer.offer(encoded);
  }

  #tick(): void {
    this.#showNoSignal();
    for (const viewer of this.#viewers) viewer.tick();
  }
}
