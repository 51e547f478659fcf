/**
 * Publishing one camera at a broker.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { CamcatError, messageOf, ProtocolError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { formatAddress } from "../protocol/address.ts";
import { RoundTrip } from "../protocol/clock_sync.ts";
import type { Key } from "../security/key.ts";
import type { Hub } from "../send/hub.ts";
import { type BrokerUrl, formatBroker } from "./broker_url.ts";
import { type Channels, channelsOf } from "./channels.ts";
import type { Connection, ConnectionOptions } from "../redis/connection.ts";
import { Demand } from "./demand.ts";
import { keepLinked } from "../redis/link.ts";
import { adviceOn } from "../redis/output_limit.ts";
import { encodeListing, LISTED_MS, parseListing } from "./listing.ts";
import { encodePicture } from "./message.ts";
import { encodeNote, parseQuestion, type State } from "./notes.ts";
import { Outbox } from "./outbox.ts";
import { PublishingSink } from "./publishing_sink.ts";
import { Opener } from "./seal.ts";
import { SoundFeed } from "./sound_feed.ts";

/** How often the camera is listed anew. */
const TICK_MS = 1000;
/** The slowest path to a broker for which its answers may wait, in bytes per millisecond. */
const SLOWEST = 16;

/** What happens while a camera is published. */
export type PublishingEvent =
  /** It begins. */
  | { type: "publishing"; to: string }
  /** The broker is there. */
  | { type: "up"; broker: string }
  /** The broker is not there. Pictures are dropped, and it is tried again. */
  | { type: "down"; reason: string }
  /** Somebody has begun or ceased to watch at an edge. */
  | { type: "watched"; edges: number }
  /** Somebody has begun or ceased to listen to the sound at an edge. */
  | { type: "heard"; edges: number }
  /** Something that the user should know. */
  | { type: "advice"; text: string };

/** What {@linkcode publish} needs. */
export interface PublishOptions {
  /** Where to. */
  broker: BrokerUrl;
  /** How to connect to it. */
  connection: ConnectionOptions;
  /** The name that edges ask for. */
  name: string;
  /** The key that seals the pictures; without one they are bare. */
  key: Key | undefined;
  /** Stops it. */
  signal: AbortSignal;
  /** Called when something happens. */
  onEvent: (event: PublishingEvent) => void;
}

/**
 * Publishes the newest frames of `hub` while somebody watches at an edge, and its sound while
 * somebody listens there, until `signal` is aborted.
 */
export async function publish(hub: Hub, options: PublishOptions): Promise<void> {
  await new Publisher(hub, options).run();
}

class Publisher {
  #hub: Hub;
  #options: PublishOptions;
  #channels: Channels;
  #outbox: Outbox;
  #opener: Opener;
  #started = now();
  #demand: Demand;
  #sink: PublishingSink | undefined;
  #sound: SoundFeed;
  #watching = 0;
  #listening = 0;
  #roundTrip = new RoundTrip();
  #given = new Set<string>();

  constructor(hub: Hub, options: PublishOptions) {
    this.#hub = hub;
    this.#options = options;
    this.#channels = channelsOf(options.name);
    this.#outbox = new Outbox("publisher", options);
    this.#opener = new Opener("edge", options);
    this.#demand = new Demand(this.#outbox.epoch);
    this.#sound = new SoundFeed(
      hub.sound,
      (body) => this.#outbox.send("sound", this.#channels.sound, body),
    );
  }

  async run(): Promise<void> {
    const { broker, connection, signal, onEvent } = this.#options;
    onEvent({ type: "publishing", to: formatBroker(broker) });
    const ticker = setInterval(() => this.#tick(), TICK_MS);
    try {
      await keepLinked({
        broker,
        connection,
        key: this.#channels.key,
        signal,
        extraMs: () => (this.#sink?.bytesInFlight ?? 0) / SLOWEST,
        onUp: (connection, ended) => this.#begin(connection, ended),
        onDown: ({ message }) => onEvent({ type: "down", reason: message }),
      });
    } finally {
      clearInterval(ticker);
      this.#sink?.leave("the sender was stopped");
      this.#sound.isOn = false;
    }
  }

  async #begin(connection: Connection, ended: AbortSignal): Promise<void> {
    ended.addEventListener("abort", () => {
      if (this.#outbox.connection === connection) this.#outbox.connection = undefined;
      this.#sink?.connect(undefined);
    });
    await connection.subscribe(this.#channels.questions, (bytes) => this.#answer(bytes));
    this.#roundTrip = new RoundTrip();
    await this.#list(connection);
    this.#outbox.connection = connection;
    this.#options.onEvent({ type: "up", broker: formatAddress(connection.address) });
    this.#sink?.connect(this.#roundTrip.ms);
    const advice = await adviceOn(connection);
    if (advice !== undefined) this.#advise(advice);
  }

  #tick(): void {
    const time = now();
    this.#demand.tick(this.#outbox.counter, time);
    this.#follow(time);
    this.#list(this.#outbox.connection).catch((error) => {
      if (!(error instanceof CamcatError)) throw error; // else the connection ends, too
    });
  }

  /** Watches the hub, and listens to it, while somebody does so at an edge. */
  #follow(time: number): void {
    const [watching, listening] = [this.#demand.watching(time), this.#demand.listening(time)];
    if (watching !== this.#watching) {
      this.#watching = watching;
      this.#options.onEvent({ type: "watched", edges: watching });
    }
    if (listening !== this.#listening) {
      this.#listening = listening;
      this.#sound.isOn = listening > 0;
      this.#options.onEvent({ type: "heard", edges: listening });
    }
    if (watching === 0) this.#sink?.leave("nobody watches at an edge");
    else if (this.#sink === undefined && this.#hub.makeRoom()) this.#watch();
  }

  #watch(): void {
    const sink = new PublishingSink({
      publish: (frame) => this.#publishFrame(frame),
      describe: () => this.#describe(),
    });
    this.#sink = sink;
    sink.connect(this.#outbox.connection && this.#roundTrip.ms);
    this.#hub.attend(sink).then(() => {
      if (this.#sink === sink) this.#sink = undefined;
    });
  }

  /** Writes the key that lists the camera. */
  async #list(connection: Connection | undefined): Promise<void> {
    if (connection === undefined) return;
    const { live } = this.#hub.stream;
    const open = this.#options.key === undefined;
    const listing = encodeListing({ epoch: this.#outbox.epoch, open, live });
    const asked = now();
    const before = connection.command("GET", this.#channels.key);
    const written = connection.command("SET", this.#channels.key, listing, "PX", `${LISTED_MS}`);
    const [old, set] = await Promise.allSettled([before, written]);
    this.#roundTrip.answered(asked, now());
    this.#sink?.measured(this.#roundTrip.ms);
    if (old.status === "rejected") throw old.reason;
    if (set.status === "rejected") {
      // "OOM command not allowed when used memory > 'maxmemory'": publishing still works.
      this.#advise(`${this.#options.name} is not listed at the broker: ${messageOf(set.reason)}`);
    }
    const other = parseListing(String(old.value ?? ""))?.epoch;
    const isOurs = other === undefined || other === this.#outbox.epoch;
    if (connection === this.#outbox.connection && !isOurs) {
      this.#advise(
        `Another sender publishes "${this.#options.name}" at this broker. Edges show the one that ` +
          "started last: give this one another --name",
      );
    }
  }

  async #answer(bytes: Uint8Array): Promise<void> {
    const time = now();
    if (!this.#demand.mayRead(time)) return;
    try {
      const message = this.#opener.parse(bytes);
      if (message.header.kind !== "question") return;
      const question = parseQuestion(await this.#opener.open(message));
      const { header: { epoch, counter, sentAt: asked } } = message;
      if (!this.#demand.take(message.header, question, time)) return;
      const started = this.#started;
      const answer = encodeNote({ ...this.#state, counter, asked, started });
      await this.#outbox.send("answer", this.#channels.answers(epoch.toHex()), answer);
      this.#follow(time);
    } catch (error) {
      // A stranger at the broker may write anything, and an edge asks again.
      if (!(error instanceof ProtocolError || error instanceof CamcatError)) throw error;
    }
  }

  /** Tells the edges that the stream has changed. Those that miss it learn it by an answer. */
  async #describe(): Promise<void> {
    try {
      await this.#outbox.send("state", this.#channels.frames, encodeNote(this.#state));
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
    }
  }

  get #state(): State {
    const { live, reason, hops = 0, sound } = this.#hub.stream;
    return { live, reason, hops, sound };
  }

  async #publishFrame({ seq, time, jpeg }: Frame): Promise<void> {
    await this.#outbox.send("frame", this.#channels.frames, encodePicture({ seq, time, jpeg }));
  }

  /** Says something once. */
  #advise(text: string): void {
    if (this.#given.has(text)) return;
    this.#given.add(text);
    this.#options.onEvent({ type: "advice", text });
  }
}
