/**
 * Calling somebody: the end that opens all connections, so that one open port is enough.
 *
 * @module
 */

import { aborted, onAbort, wait } from "../base/abort.ts";
import { CamcatError } from "../base/errors.ts";
import { writeAll } from "../program/write_all.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import type { Join, Ring } from "../protocol/call_messages.ts";
import { encodeControl } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { type Control, PROTOCOL_VERSION } from "../protocol/control.ts";
import { Reaching } from "../receive/reaching.ts";
import type { Elsewhere } from "../receive/seeker.ts";
import { dial } from "../security/dial.ts";
import { handshakeAsCallingSender, handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";
import { Call, type CallContext } from "./call.ts";
import type { Outcome } from "./call_report.ts";
import { Line } from "./line.ts";
import { keepConnected } from "./keep_connected.ts";
import { OwnMedia } from "./own_media.ts";

/** How long it rings at the other end. */
export const RING_MS = 60_000;
const NO_CALL = "Cannot call: what answers there waits for no call. On the other machine run: call";

/** Whom to call. */
export interface Callee {
  /** Where the other end waits, or did last. */
  address: Address;
  /** Its key. */
  key: Key;
  /** Where it may be if it is not there. */
  elsewhere: Elsewhere;
  /** Called when the key has worked, with where that was, and with the name when that is known. */
  onReached: (address: Address, name?: string) => void;
}

/** What a call is made with. */
interface Means {
  reaching: Reaching;
  own: OwnMedia;
  /** Ends attempts to connect, and closes the camera. */
  stop: AbortController;
}

/** Calls an end that waits. */
export class Calling {
  #callee: Callee;
  #context: CallContext;
  /** Where the other end was reached last. */
  #address: Address;
  #id = crypto.getRandomValues(new Uint8Array(16)).toHex();
  #call: Call | undefined;
  /** Aborted when connections for pictures and sound have to be made anew. */
  #media = new AbortController();

  /** Calls nobody before {@linkcode Calling.run}. */
  constructor(callee: Callee, context: CallContext) {
    this.#callee = callee;
    this.#context = context;
    this.#address = callee.address;
  }

  /**
   * Rings, and runs the call until it is over.
   *
   * @returns whether it was accepted
   * @throws {CamcatError} if the other end cannot be reached
   */
  async run(): Promise<boolean> {
    const stop = new AbortController();
    using _ = onAbort(this.#context.signal, () => stop.abort());
    const { address, key, elsewhere } = this.#callee;
    this.#context.report.calling(formatAddress(address));
    const handshake = handshakeAsViewer(await identityOf(key));
    using reaching = new Reaching(address, { signal: stop.signal, handshake, elsewhere });
    const dialled = await this.#reach(reaching, true);
    const own = new OwnMedia(this.#context);
    const opening = own.openCamera(stop.signal); // while it rings: whoever calls wants to be seen
    try {
      return await this.#callOn(dialled, { reaching, own, stop });
    } finally {
      stop.abort();
      await opening;
    }
  }

  async #callOn(dialled: Connection, { reaching, own, stop }: Means): Promise<boolean> {
    const { report } = this.#context;
    const answer = Promise.withResolvers<Control>();
    const line = this.#line(dialled, reaching, (message) => {
      if (message.type === "hangup") this.#call?.end("them");
      answer.resolve(message);
    });
    line.say(this.#ring());
    const outcome = await this.#outcome(line, answer.promise);
    if (typeof outcome === "string") {
      const isOurs = outcome === "given up" || outcome === "no answer";
      await line.close(isOurs ? { type: "hangup" } : undefined);
      report.ended(outcome, formatAddress(this.#address), outcome === "given up");
      return false;
    }
    this.#callee.onReached(this.#address, outcome.name);
    report.accepted(outcome.name);
    const call = this.#call = new Call(outcome.name, this.#context, own);
    using _over = onAbort(call.signal, () => stop.abort());
    call.follow(line);
    const running = call.run();
    const work = [
      this.#keepLine(call, line, reaching),
      this.#keepMedia(call, "viewer"),
      this.#keepMedia(call, "sender"),
    ];
    try {
      await running;
    } finally {
      await Promise.all(work);
    }
    return true;
  }

  /** Waits for somebody to accept. */
  async #outcome(line: Line, answer: Promise<Control>): Promise<Outcome | { name: string }> {
    const { keys, signal } = this.#context;
    const { promise, resolve } = Promise.withResolvers<"given up">();
    using _stop = onAbort(signal, () => resolve("given up"));
    using _keys = keys.listen((key) => key === "q" && resolve("given up"));
    const late = new AbortController();
    const outcome = await Promise.race([
      answer,
      promise,
      line.ended,
      wait(RING_MS, late.signal).then(() => "no answer" as const),
    ]);
    late.abort();
    if (outcome === "given up" || outcome === "no answer") return outcome;
    if (typeof outcome === "string") {
      throw line.isForeign
        ? new CamcatError(NO_CALL)
        : new CamcatError(`Cannot call: the connection broke (${outcome})`);
    }
    switch (outcome.type) {
      case "accept":
        return { name: outcome.name };
      case "busy":
        return "busy";
      case "refuse":
      case "hangup":
        return "refused";
      case "bye":
        throw new CamcatError(`Cannot call: ${outcome.reason}`);
      default:
        throw new CamcatError(NO_CALL);
    }
  }

  /** Rings again whenever the line has broken, wherever the other end is by then. */
  async #keepLine(call: Call, first: Line, reaching: Reaching): Promise<void> {
    await first.ended;
    await keepConnected({
      ...this.#keeping(call),
      connect: () => this.#reach(reaching, false),
      pause: (ms) => reaching.wait(ms),
      use: async (connection) => {
        const line = this.#line(connection, reaching, ({ type }) => {
          if (type === "hangup") call.end("them");
          else if (type === "accept") {
            call.follow(line);
            this.#media.abort(); // they lead where the last line led
            this.#media = new AbortController();
          }
        });
        line.say({ ...this.#ring(), again: true });
        await line.ended;
      },
    });
  }

  /** Keeps a connection on which this end watches, or sends. */
  async #keepMedia(call: Call, as: Join["as"]): Promise<void> {
    const identity = await identityOf(this.#callee.key);
    const handshake = as === "viewer"
      ? handshakeAsViewer(identity)
      : handshakeAsCallingSender(identity);
    const signal = () => AbortSignal.any([call.signal, this.#media.signal]);
    await keepConnected({
      ...this.#keeping(call),
      connect: () => dial(this.#address, { signal: signal(), handshake }),
      pause: (ms) => wait(ms, signal()),
      use: async (connection) => {
        const stopped = signal();
        using _ = onAbort(stopped, () => closeQuietly(connection));
        await writeAll(connection, encodeControl(this.#join(as)));
        if (as === "viewer") await call.watch(connection);
        else {
          // A write to a machine that is gone ends after many minutes, and serving after that.
          const serving = call.serve(connection, formatAddress(this.#address));
          await Promise.race([serving, aborted(stopped)]);
        }
      },
    });
  }

  #keeping(call: Call) {
    return {
      signal: call.signal,
      onFailure: (reason: string) => this.#context.console.detail(reason),
      onBug: () => call.end("lost"),
    };
  }

  /** Connects to the other end where it is now. */
  async #reach(reaching: Reaching, isFirst: boolean): Promise<Connection> {
    const { connection, address } = await reaching.reach(() => isFirst);
    this.#address = address;
    this.#callee.onReached(address);
    return connection;
  }

  #line(
    connection: Connection,
    reaching: Reaching,
    onMessage: (message: Control) => void,
  ): Line {
    const line: Line = new Line(connection, onMessage, (isQuiet) => {
      if (isQuiet) reaching.suspect(() => line.abandon("the other end has another address now"));
      else reaching.trust();
    });
    return line;
  }

  #ring(): Ring {
    const { name } = this.#context;
    return { type: "ring", version: PROTOCOL_VERSION, call: this.#id, name };
  }

  #join(as: Join["as"]): Join {
    return { type: "join", call: this.#id, as };
  }
}
