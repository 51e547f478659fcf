/**
 * One camera of another sender, passed on to a hub.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { Frame } from "../jpeg/frame.ts";
import { formatAddress } from "../protocol/address.ts";
import { receive, type ReceivedFrame, type ReceiveEvent } from "../receive/receive.ts";
import { captureTime } from "../receive/received.ts";
import type { Hub } from "../send/hub.ts";
import type { SourceState } from "../send/signal.ts";
import { oneMoreHop } from "./hops.ts";
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
  /** The last frame, and its number at the source. */
  #last: { frame: Frame; seq: number } | undefined;
  /** Ends the connection, with the reason. */
  #stop = new AbortController();
  /** The name of the camera at the source, once that has said it. */
  #camera: string | undefined;

  /** Relays to `hub`, once frames are asked for. */
  constructor(hub: Hub, options: RelayOptions) {
    this.#hub = hub;
    this.#options = options;
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
    const { source, camera, maxPixels } = this.#options;
    const { address, credential, orOpen } = source;
    const stop = this.#stop = new AbortController();
    const receiving = receive(address, {
      ...{ key: credential?.key, orOpen, camera, maxPixels },
      elsewhere: onOtherMachines(source.elsewhere(() => camera ?? this.#camera)),
      signal: AbortSignal.any([signal, stop.signal]),
      onEvent: (event) => this.#follow(event),
    });
    try {
      for await (const received of receiving) {
        // The stream has become live, or not live, since this frame: it is the past already.
        if (received.live !== this.#hub.stream.live) continue;
        yield this.#take(received);
      }
    } finally {
      this.#forget();
    }
    if (stop.signal.aborted) throw stop.signal.reason;
  }

  /** Takes a frame over from the receiving end, and translates its time. */
  #take({ frame, clockOffsetMs }: ReceivedFrame): Frame {
    const offsetMs = clockOffsetMs === undefined
      ? undefined
      : this.#offset.follow(clockOffsetMs, now());
    frame.time = captureTime(frame.time, offsetMs) ?? now();
    this.#forget();
    this.#last = { frame: frame.retain(), seq: frame.seq };
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
    { name, live, reason, hops = 0 }: ReceiveEvent & { type: "stream" },
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
    return true;
  }

  /** Shows the last frame again after a silence: a slow camera may not send another one soon. */
  #showLast(): void {
    if (this.#last === undefined) return;
    const { frame: { jpeg, time }, seq } = this.#last;
    this.#hub.pass(Frame.from(jpeg, { time, seq }));
  }
}
