/**
 * Subscribing to one camera at a broker, for the viewers here.
 *
 * @module
 */

import { onAbort, wait } from "../base/abort.ts";
import { now } from "../base/clock.ts";
import { CamcatError } from "../base/errors.ts";
import { formatAddress } from "../protocol/address.ts";
import type { Hub } from "../send/hub.ts";
import type { CaptureState } from "../send/supervisor.ts";
import { LoopError, oneMoreHop } from "../relay/hops.ts";
import { RelaySound } from "../relay/relay_sound.ts";
import { formatBroker } from "./broker_url.ts";
import { type Channels, channelsOf } from "./channels.ts";
import type { Connection } from "../redis/connection.ts";
import type { EdgeOptions } from "./edge_options.ts";
import { Inbox } from "./inbox.ts";
import { keepLinked } from "../redis/link.ts";
import { encodeNote, type State } from "./notes.ts";
import { adviceOn } from "../redis/output_limit.ts";
import { Outbox } from "./outbox.ts";
import { WantedChannel } from "./wanted_channel.ts";

/** How often the publisher is asked, in milliseconds. */
const ASK_MS = 1000;
/** A publisher that has said nothing for this long is lost. */
const SILENT_MS = 3000;
/** How often viewers are counted. */
const CHECK_MS = 250;

/**
 * Passes the camera's frames on to `hub` while it has viewers, and its sound while some of them
 * listen, until `signal` is aborted.
 */
export async function subscribe(hub: Hub, options: EdgeOptions): Promise<void> {
  await new Edge(hub, options).run();
}

class Edge {
  #hub: Hub;
  #options: EdgeOptions;
  #channels: Channels;
  #outbox: Outbox;
  #inbox: Inbox;
  #frames: WantedChannel;
  #packets: WantedChannel;
  #sound: RelaySound;
  #state: CaptureState | undefined;
  #reason = "";
  /** Whether the publisher is lost; its source may be not live besides. */
  #isLost = false;
  #upAt = Infinity;
  /** When the broker has taken a question, and how many have got it. */
  #takenAt = -Infinity;
  #receivers = 0;

  constructor(hub: Hub, options: EdgeOptions) {
    this.#hub = hub;
    this.#options = options;
    this.#channels = channelsOf(options.name);
    this.#outbox = new Outbox("edge", options);
    this.#sound = new RelaySound(hub.sound, options.lingerMs);
    const take = (bytes: Uint8Array) => this.#inbox.put(bytes);
    this.#frames = new WantedChannel(this.#channels.frames, { take, skipsLate: true });
    this.#packets = new WantedChannel(this.#channels.sound, { take });
    this.#inbox = new Inbox(options, {
      frame: (frame) => this.#hub.pass(frame),
      sound: (packet, time) => this.#sound.pass(packet, time),
      state: (state) => this.#follow(state),
      ask: () => this.#ask(),
      refused: (why, messages) => options.onEvent({ type: "refused", why, messages }),
    });
  }

  async run(): Promise<void> {
    const { broker, connection, signal } = this.#options;
    this.#report("starting");
    const ticker = setInterval(() => this.#tick(), ASK_MS);
    const linked = keepLinked({
      broker,
      connection,
      key: this.#channels.key,
      signal,
      onUp: (connection, ended) => this.#begin(connection, ended),
      onDown: (error) => this.#lose(error),
    });
    try {
      await Promise.all([linked, this.#watchViewers(), this.#watchListeners()]);
    } finally {
      clearInterval(ticker);
    }
  }

  async #begin(connection: Connection, ended: AbortSignal): Promise<void> {
    using _ = onAbort(ended, () => this.#outbox.connection = undefined);
    const answers = this.#channels.answers(this.#outbox.epoch);
    await connection.subscribe(answers, (bytes) => this.#inbox.put(bytes));
    this.#outbox.connection = connection;
    this.#upAt = now();
    this.#options.onEvent({ type: "up", broker: formatAddress(connection.address) });
    this.#askUntilHeard(ended);
    const advice = await adviceOn(connection);
    if (advice !== undefined) this.#options.onEvent({ type: "advice", text: advice });
    await Promise.all(
      [this.#frames, this.#packets].map((channel) => channel.follow(connection, ended)),
    );
  }

  async #watchViewers(): Promise<void> {
    const { signal, lingerMs = 5000 } = this.#options;
    while (!signal.aborted) {
      await this.#hub.watched(signal);
      this.#setWatched(true);
      let idleMs = 0;
      do {
        await wait(CHECK_MS, signal);
        idleMs = this.#hub.viewers > 0 ? 0 : idleMs + CHECK_MS;
      } while ((idleMs === 0 || idleMs < lingerMs) && !signal.aborted);
      this.#hub.forget();
      this.#setWatched(false);
    }
  }

  async #watchListeners(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      await this.#sound.changed(this.#packets.isWanted, signal);
      this.#packets.isWanted = this.#sound.isWanted;
      if (!this.#packets.isWanted) this.#hub.sound.forget();
      this.#ask();
    }
  }

  #setWatched(isWatched: boolean): void {
    this.#frames.isWanted = isWatched;
    if (this.#state === "live" || this.#state === "idle") this.#report(isWatched ? "live" : "idle");
    this.#ask();
  }

  #tick(): void {
    const time = now();
    this.#inbox.tick();
    this.#ask();
    if (this.#outbox.connection === undefined || this.#isLost) return;
    if (time - Math.max(this.#inbox.heardAt, this.#upAt) < SILENT_MS) return;
    const { name, broker } = this.#options;
    const where = formatBroker(broker);
    this.#lose(
      new CamcatError(
        time - this.#takenAt > 2 * ASK_MS
          ? `The broker ${where} does not answer`
          : this.#receivers > 0
          ? `"${name}" at ${where} does not answer: its sender must have the same key`
          : `No sender publishes "${name}" at ${where}`,
      ),
    );
  }

  /** Asks often at first: the publisher may find the broker later than we do. */
  async #askUntilHeard(ended: AbortSignal): Promise<void> {
    const from = now();
    while (!ended.aborted && this.#inbox.heardAt < from && now() < from + ASK_MS) {
      this.#ask();
      await wait(CHECK_MS, ended);
    }
  }

  /** Asks the publisher whether it is there, and tells it whether somebody watches or listens. */
  async #ask(): Promise<void> {
    if (this.#outbox.connection === undefined) return;
    const { epoch, counter: heard } = this.#inbox;
    const [watching, listening] = [this.#frames.isWanted, this.#packets.isWanted];
    const note = encodeNote({ watching, listening, epoch, heard });
    const taken = this.#outbox.send("question", this.#channels.questions, note);
    this.#inbox.asked(this.#outbox.counter, epoch);
    try {
      this.#receivers = await taken;
      this.#takenAt = now();
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      // The connection has ended, or the broker refuses: the next question shows whether it lasts.
    }
  }

  /** Follows what the publisher says. */
  #follow(state: State): void {
    const { name, broker } = this.#options;
    try {
      const hops = oneMoreHop(state.hops, `"${name}" at ${formatBroker(broker)}`);
      this.#hub.follow({ ...state, hops });
      this.#sound.follow(state.sound);
      this.#isLost = false;
    } catch (error) {
      if (!(error instanceof LoopError)) throw error;
      return this.#lose(error);
    }
    if (state.live) return this.#report(this.#frames.isWanted ? "live" : "idle");
    this.#state = "lost";
    this.#reason = state.reason;
    this.#options.onEvent({ type: "source", reason: state.reason });
  }

  #lose(error: CamcatError): void {
    this.#isLost = true;
    this.#hub.lost(error.message);
    this.#sound.lost(error.message);
    this.#report("lost", error);
  }

  #report(state: CaptureState, error?: CamcatError): void {
    const reason = error?.message ?? "";
    if (state === this.#state && reason === this.#reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#options.onEvent({ type: "state", state, ...(error === undefined ? {} : { error }) });
  }
}
