/**
 * A publisher and edges at a real broker, without programs around them.
 *
 * @module
 */

import { parseBrokerUrl } from "../../lib/broker/broker_url.ts";
import type { ConnectionOptions } from "../../lib/redis/connection.ts";
import { subscribe } from "../../lib/broker/edge.ts";
import type { EdgeEvent } from "../../lib/broker/edge_options.ts";
import { publish, type PublishingEvent } from "../../lib/broker/publisher.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import type { Key } from "../../lib/security/key.ts";
import type { EncodedFrame } from "../../lib/send/encoded_frame.ts";
import type { FrameSink } from "../../lib/send/frame_sink.ts";
import { Hub } from "../../lib/send/hub.ts";
import { now } from "../../lib/base/clock.ts";
import type { Listener, SoundChannel } from "../../lib/send/sound_channel.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { jpeg } from "./jpegs.ts";
import { until } from "./patience.ts";

/** What an end at a broker needs. */
export interface EndOptions {
  /** `HOST:PORT`, or several. */
  hosts: string;
  key?: Key | undefined;
  name?: string;
  connection?: Partial<ConnectionOptions>;
}

/** Runs something until it is disposed of, and fails if that fails. */
class Running implements AsyncDisposable {
  #stop = new AbortController();
  #done: Promise<unknown>;

  constructor(run: (signal: AbortSignal) => Promise<unknown>) {
    this.#done = run(this.#stop.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

function optionsOf({ hosts, key, name = "door", connection }: EndOptions) {
  const tls = connection?.tls ?? false;
  return {
    broker: parseBrokerUrl(`redis${tls ? "s" : ""}://${hosts}`),
    connection: { tls: false, ...connection },
    name,
    key,
  };
}

/** 10 ms of sound (RFC 6716). */
const OPUS = Uint8Array.of(0xf0, 1, 2);

/** Publishes pictures, one every 10 ms, whose last bytes before EOI are their number. */
export class TestPublisher extends Running {
  readonly hub = new Hub({ name: "door" });
  readonly events: PublishingEvent[] = [];
  /** Whether the camera gives pictures. */
  live = true;
  #camera: ReturnType<typeof setInterval>;
  #microphone: ReturnType<typeof setInterval> | undefined;

  constructor(options: EndOptions, picture = jpeg(new Uint8Array(2000))) {
    const [hub, events]: [Hub, PublishingEvent[]] = [new Hub({ name: "door" }), []];
    super((signal) =>
      publish(hub, { ...optionsOf(options), signal, onEvent: (event) => events.push(event) })
    );
    this.hub = hub;
    this.events = events;
    this.#camera = setInterval(() => {
      if (this.live) hub.publish(Frame.from(picture, { time: now() }));
    }, 10);
  }

  /** Gives the camera sound: a packet of 10 ms about every 10 ms while somebody listens. */
  speak(): void {
    const { sound } = this.hub;
    sound.announce(1);
    this.#microphone = setInterval(() => {
      if (sound.viewers === 0) return sound.forget();
      sound.publish(new SoundPacket({ seq: 0, time: now(), level: 60, data: OPUS }));
    }, 10);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#camera);
    clearInterval(this.#microphone);
    await super[Symbol.asyncDispose]();
    await this.hub.close("done");
  }
}

/** A viewer that takes everything at once, and remembers it. */
export class Watcher implements FrameSink {
  readonly sentBytes = 0;
  readonly droppedFrames = 0;
  readonly silentSeconds = 0;
  readonly settled = Promise.resolve();
  readonly live: { seq: number; length: number; time: number; ageMs: number }[] = [];
  readonly descriptions: string[] = [];
  #hub: Hub;
  #left = Promise.withResolvers<string>();

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  offer({ live, frame }: EncodedFrame): void {
    if (!live) return;
    const { seq, time, jpeg } = frame;
    this.live.push({ seq, length: jpeg.length, time, ageMs: now() - time });
  }

  describe(): void {
    const { live, reason } = this.#hub.stream;
    this.descriptions.push(live ? "live" : reason);
  }

  run(): Promise<string> {
    return this.#left.promise;
  }

  tick(): void {}

  leave(reason: string): Promise<void> {
    this.#left.resolve(reason);
    return Promise.resolve();
  }
}

/** A listener to a camera's sound, which remembers it. */
export class TestListener implements Listener, Disposable {
  readonly heard: { ageMs: number; level: number }[] = [];
  #channel: SoundChannel;

  constructor({ sound }: Hub) {
    this.#channel = sound;
    sound.add(this);
  }

  hear({ time, level }: SoundPacket): void {
    this.heard.push({ ageMs: now() - time, level });
  }

  /** Waits until it has heard `count` more packets. */
  async more(count: number): Promise<void> {
    const from = this.heard.length;
    await until(() => this.heard.length >= from + count, `${count} more packets of sound`);
  }

  [Symbol.dispose](): void {
    this.#channel.remove(this);
  }
}

/** An edge, which may be watched. */
export class TestEdge extends Running {
  readonly hub: Hub;
  readonly events: EdgeEvent[];

  constructor(options: EndOptions, lingerMs = 0) {
    const [hub, events]: [Hub, EdgeEvent[]] = [new Hub({ name: "door" }), []];
    super((signal) =>
      subscribe(hub, {
        ...optionsOf(options),
        lingerMs,
        signal,
        onEvent: (event) => events.push(event),
      })
    );
    this.hub = hub;
    this.events = events;
  }

  /** Adds a viewer. */
  watch(): Watcher {
    const watcher = new Watcher(this.hub);
    this.hub.attend(watcher);
    return watcher;
  }

  /** Resolves with the reason of the next loss, from event number `from` on. */
  async lost(from = 0): Promise<string> {
    const find = () =>
      this.events.slice(from).find((event) => event.type === "state" && event.state === "lost");
    await until(() => find() !== undefined, "a loss at an edge");
    const event = find()!;
    return event.type === "state" ? event.error?.message ?? "" : "";
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close("done");
    await super[Symbol.asyncDispose]();
    await this.hub.close("done");
  }
}

/** Waits until a viewer has got `count` more live pictures. */
export async function more(watcher: Watcher, count: number): Promise<void> {
  const from = watcher.live.length;
  await until(() => watcher.live.length >= from + count, `${count} more pictures`);
}
