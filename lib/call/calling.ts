/**
 * Calling somebody: the end that opens all connections, so that one open port is enough.
 *
 * @module
 */

import { onAbort, wait } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import { CamcatError } from "../base/errors.ts";
import { writeAll } from "../program/write_all.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import type { Join, Ring } from "../protocol/call_messages.ts";
import { encodeControl } from "../protocol/codec.ts";
import type { Connection } from "../protocol/connection.ts";
import { type Control, PROTOCOL_VERSION } from "../protocol/control.ts";
import { dial } from "../security/dial.ts";
import { handshakeAsCallingSender, handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";
import { Call, type CallContext } from "./call.ts";
import type { Outcome } from "./call_report.ts";
import { Line } from "./line.ts";
import { isOfNetwork } from "./network_errors.ts";

/** How long it rings at the other end. */
export const RING_MS = 60_000;
/** A connection that lasts for less does not make the next one come sooner. */
const STEADY_MS = 2000;
const NO_CALL = "Cannot call: what answers there waits for no call. On the other machine run: call";

/** Whom to call. */
export interface Callee {
  /** Where the other end waits. */
  address: Address;
  /** Its key. */
  key: Key;
  /** Called when the key has worked. */
  onConnected: () => void;
}

/** Calls an end that waits. */
export class Calling {
  #callee: Callee;
  #context: CallContext;
  #id = crypto.getRandomValues(new Uint8Array(16)).toHex();
  #call: Call | undefined;

  /** Calls nobody before {@linkcode Calling.run}. */
  constructor(callee: Callee, context: CallContext) {
    this.#callee = callee;
    this.#context = context;
  }

  /**
   * Rings, and runs the call until it is over.
   *
   * @returns whether it was accepted
   * @throws {CamcatError} if the other end cannot be reached
   */
  async run(): Promise<boolean> {
    const { report, signal } = this.#context;
    const to = formatAddress(this.#callee.address);
    report.calling(to);
    const dialled = await this.#dial("viewer", signal);
    this.#callee.onConnected();
    const answer = Promise.withResolvers<Control>();
    const line = new Line(dialled, (message) => {
      if (message.type === "hangup") this.#call?.end("them");
      answer.resolve(message);
    });
    line.say(this.#ring());
    const outcome = await this.#outcome(line, answer.promise);
    if (typeof outcome === "string") {
      const isOurs = outcome === "given up" || outcome === "no answer";
      await line.close(isOurs ? { type: "hangup" } : undefined);
      report.ended(outcome, to, outcome === "given up");
      return false;
    }
    report.accepted(outcome.name);
    const call = this.#call = new Call(outcome.name, this.#context);
    call.follow(line);
    const running = call.run();
    const work = [this.#keepLine(call, line), this.#watch(call), this.#send(call)];
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

  /** Rings again whenever the line has broken. */
  async #keepLine(call: Call, first: Line): Promise<void> {
    await first.ended;
    await this.#again(call, "viewer", async (connection) => {
      const line = new Line(connection, ({ type }) => {
        if (type === "hangup") call.end("them");
        else if (type === "accept") call.follow(line);
      });
      line.say({ ...this.#ring(), again: true });
      await line.ended;
    });
  }

  /** Keeps a connection on which this end watches. */
  async #watch(call: Call): Promise<void> {
    await this.#again(call, "viewer", async (connection) => {
      await writeAll(connection, encodeControl(this.#join("viewer")));
      await call.watch(connection);
    });
  }

  /** Keeps a connection on which this end sends. */
  async #send(call: Call): Promise<void> {
    await this.#again(call, "sender", async (connection) => {
      await writeAll(connection, encodeControl(this.#join("sender")));
      await call.serve(connection, formatAddress(this.#callee.address));
    });
  }

  /** Connects, and again whenever that connection has ended, until the call is over. */
  async #again(
    call: Call,
    as: Join["as"],
    use: (connection: Connection) => Promise<void>,
  ): Promise<void> {
    const { signal } = call;
    const backoff = new Backoff();
    while (!signal.aborted) {
      const since = performance.now();
      try {
        const connection = await this.#dial(as, signal);
        await use(connection);
      } catch (error) {
        if (!isOfNetwork(error)) {
          call.end("lost");
          throw error;
        }
        if (!signal.aborted) this.#context.console.detail(`${as}: ${error.message}`);
      }
      if (performance.now() - since > STEADY_MS) backoff.reset();
      await wait(backoff.nextMs(), signal);
    }
  }

  async #dial(as: Join["as"], signal: AbortSignal): Promise<Connection> {
    const { address, key } = this.#callee;
    const identity = await identityOf(key);
    const handshake = as === "viewer"
      ? handshakeAsViewer(identity)
      : handshakeAsCallingSender(identity);
    return await dial(address, { signal, handshake });
  }

  #ring(): Ring {
    const { name } = this.#context;
    return { type: "ring", version: PROTOCOL_VERSION, call: this.#id, name };
  }

  #join(as: Join["as"]): Join {
    return { type: "join", call: this.#id, as };
  }
}
