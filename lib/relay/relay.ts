/**
 * One camera of another sender, passed on to a hub.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { Frame } from "../jpeg/frame.ts";
import type { Address } from "../protocol/address.ts";
import { receive, type ReceivedFrame, type ReceiveEvent } from "../receive/receive.ts";
import { captureTime } from "../receive/received.ts";
import type { Key } from "../security/key.ts";
import type { Hub } from "../send/hub.ts";
import type { SourceState } from "../send/signal.ts";
import { oneMoreHop } from "./hops.ts";
import { SteadyOffset } from "./steady_offset.ts";

/** Where a relay gets its frames. */
export interface RelayOptions {
  /** The source, as the user knows it. */
  from: string;
  /** Where the source is now; asked before each connection, because addresses change. */
  locate: (signal: AbortSignal) => Promise<Address>;
  /** The source's key; without one it must be open. */
  key?: Key | undefined;
  /** Accept an open source as well, although `key` is set. @default {false} */
  orOpen?: boolean | undefined;
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

  /** Relays to `hub`, once frames are asked for. */
  constructor(hub: Hub, options: RelayOptions) {
    this.#hub = hub;
    this.#options = options;
    hub.follow(this.#state);
  }

  /**
   * Connects once, and yields frames for `Hub.pass` until the connection or `signal` ends.
   *
   * @throws {KeyError} if our key and the source's do not match
   * @throws {LoopError} if the frames of the source have passed too many relays
   * @throws {CamcatError} if the connection fails or the source ends it
   */
  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const { locate, key, orOpen, camera, maxPixels } = this.#options;
    this.#offset = new SteadyOffset();
    const stop = this.#stop = new AbortController();
    const address = await locate(signal);
    const receiving = receive(address, {
      ...{ key, orOpen, camera, maxPixels },
      signal: AbortSignal.any([signal, stop.signal]),
      once: true,
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
      case "stream":
        if (!this.#describes(event)) return;
        break;
      case "silent":
        this.#hub.lost(event.reason);
        break;
      case "heard": // after a silence, or a sender that sends pictures only
        this.#hub.follow(this.#state);
        this.#showLast();
        break;
    }
    this.#options.onEvent?.(event);
  }

  /** Takes what the source says of its stream, unless that ends the connection. */
  #describes({ live, reason, hops = 0 }: ReceiveEvent & { type: "stream" }): boolean {
    try {
      this.#state = { live, reason, hops: oneMoreHop(hops, this.#options.from) };
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
