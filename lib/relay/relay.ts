/**
 * One camera of another sender, passed on to a hub.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { Frame } from "../jpeg/frame.ts";
import { formatAddress } from "../protocol/address.ts";
import { receive, type ReceivedFrame, type ReceiveEvent } from "../receive/receive.ts";
import { captureTime, type ReceivedSound } from "../receive/received.ts";
import type { Hub } from "../send/hub.ts";
import type { SourceState } from "../send/signal.ts";
import { oneMoreHop } from "./hops.ts";
import { RelaySound } from "./relay_sound.ts";
import { onOtherMachines, type RelaySource } from "./source.ts";
import { SteadyOffset } from "./steady_offset.ts";

/** Where a relay gets its frames. */
export interface RelayOptions {
  /** The sender. */
  source: RelaySource;
  /** Name of one of the source's cameras. @default its first */
  camera?: string | undefined;
  /** The largest picture accepted, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
  /** Called after every event of the connection, when the hub's stream is as it says. */
  onEvent?: ((event: ReceiveEvent) => void) | undefined;
}

/**
 * Connects to a source, and keeps a hub's stream as that of the source. Its frames are those of the
 * source: bytes and numbers unchanged, times translated to the clock of this machine.
 */
export class Relay {
  #hub: Hub;
  #options: RelayOptions;
  /** What the source has said last. */
  #state: SourceState = { live: true, reason: "", hops: 1 };
  #offset = new SteadyOffset();
  #sound: RelaySound;
  /** The last frame, and its number and time at the source. */
  #last: { frame: Frame; seq: number; time: number } | undefined;
  /** Ends the connection, with the reason. */
  #stop = new AbortController();
  /** The name of the camera at the source, once that has said it. */
  #camera: string | undefined;

  /** Relays to `hub`, once frames are asked for. */
  constructor(hub: Hub, options: RelayOptions) {
    this.#hub = hub;
    this.#options = options;
    this.#sound = new RelaySound(hub.sound);
    hub.follow(this.#state);
  }

  /**
   * Connects, reconnects whenever the connection fails, and yields frames for `Hub.pass` until
   * `signal` is aborted.
   *
   * @throws {KeyError} when our key and the source's do not match, before the first frame
   * @throws {LoopError} if the frames of the source have passed too many relays
   */
  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const stop = this.#stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    try {
      while (!running.aborted) yield* this.#session(running);
    } finally {
      this.#forget();
    }
    if (stop.signal.aborted) throw stop.signal.reason;
  }

  /** Frames, until somebody begins to listen to the sound here, or nobody does any more. */
  async *#session(running: AbortSignal): AsyncGenerator<Frame, void, void> {
    const { source, camera, maxPixels } = this.#options;
    const { address, credential, orOpen } = source;
    const end = new AbortController();
    const signal = AbortSignal.any([running, end.signal]);
    const hears = this.#sound.isWanted;
    this.#sound.changed(hears, signal).then(() => end.abort());
    const receiving = receive(address, {
      ...{ key: credential?.key, orOpen, camera, maxPixels, signal },
      elsewhere: onOtherMachines(source.elsewhere(() => camera ?? this.#camera)),
      onEvent: (event) => this.#follow(event),
      onSound: hears ? (sound) => this.#hear(sound) : undefined,
    });
    try {
      for await (const received of receiving) {
        // The stream has become live, or not live, since this frame: it is the past already.
        if (received.live !== this.#hub.stream.live || this.#isLast(received)) continue;
        yield this.#take(received);
      }
    } finally {
      end.abort();
    }
  }

  /** Whether a frame has been passed on already: a new connection begins with the newest one. */
  #isLast({ frame: { seq, time } }: ReceivedFrame): boolean {
    return seq === this.#last?.seq && time === this.#last.time;
  }

  #hear({ packet, capturedAt }: ReceivedSound): void {
    if (capturedAt === undefined) return; // the clocks are not synchronised yet
    const offsetMs = this.#offset.follow(packet.time - capturedAt, now());
    this.#sound.pass(packet, packet.time - offsetMs);
  }

  /** Takes a frame over from the receiving end, and translates its time. */
  #take({ frame, clockOffsetMs }: ReceivedFrame): Frame {
    const offsetMs = clockOffsetMs === undefined
      ? undefined
      : this.#offset.follow(clockOffsetMs, now());
    this.#forget();
    this.#last = { frame: frame.retain(), seq: frame.seq, time: frame.time };
    frame.time = captureTime(frame.time, offsetMs) ?? now();
    return frame.retain();
  }

  #forget(): void {
    this.#last?.frame.release();
    this.#last = undefined;
  }

  #follow(event: ReceiveEvent): void {
    switch (event.type) {
      case "connected":
        this.#offset = new SteadyOffset(); // its clock may be another one since it was restarted
        break;
      case "stream":
        if (!this.#describes(event)) return;
        break;
      case "silent":
        this.#hub.lost(event.reason);
        break;
      case "lost":
        this.#hub.lost(event.reason);
        this.#sound.lost(event.reason);
        this.#forget();
        break;
      case "heard": // after a silence, or a sender that sends pictures only
        this.#hub.follow(this.#state);
        this.#showLast();
        break;
    }
    this.#options.onEvent?.(event);
  }

  /** Takes what the source says of its stream, unless that ends the connection. */
  #describes(
    { name, live, reason, hops = 0, sound }: ReceiveEvent & { type: "stream" },
  ): boolean {
    this.#camera = name;
    try {
      const from = formatAddress(this.#options.source.address);
      this.#state = { live, reason, hops: oneMoreHop(hops, from) };
    } catch (error) {
      this.#stop.abort(error);
      return false;
    }
    this.#hub.follow(this.#state);
    this.#sound.follow(sound);
    return true;
  }

  /** Shows the last frame again after a silence: a slow camera may not send another one soon. */
  #showLast(): void {
    if (this.#last === undefined) return;
    const { frame: { jpeg, time }, seq } = this.#last;
    this.#hub.pass(Frame.from(jpeg, { time, seq }));
  }
}
