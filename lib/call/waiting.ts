/**
 * Waiting for calls: one at a time, at one port.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { messageOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { writeAll } from "../program/write_all.ts";
import type { Join, Ring } from "../protocol/call_messages.ts";
import { encodeControl } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import type { Control } from "../protocol/control.ts";
import { readControl } from "../protocol/read_control.ts";
import type { OnInvite } from "../send/camera_router.ts";
import type { Hub } from "../send/hub.ts";
import { addressOfPeer } from "../security/fair_share.ts";
import { ring as ringBell } from "./bell.ts";
import { Call, type CallContext } from "./call.ts";
import { RING_MS } from "./calling.ts";
import { Line } from "./line.ts";
import { isOfNetwork } from "./network_errors.ts";

/** How long a peer may take to say what it wants. */
const FIRST_MESSAGE_MS = 5000;
/** How long it may take to read a refusal. */
const LAST_MS = 1000;
/** How long it rings at most: callers give up earlier. */
const MAX_RING_MS = RING_MS + 10_000;

/** What only the end that waits needs. */
export interface WaitingOptions {
  /** Whether calls are accepted without a question. */
  autoAnswer: boolean;
  /** Whether it rings. */
  rings: boolean;
}

/** The call that rings or was accepted. */
interface Current {
  id: string;
  /** Who calls, and from where. */
  name: string;
  peer: string;
  line: Line;
  call: Call | undefined;
  /** Called with the answer while it rings. */
  answer: (answer: "accept" | "refuse" | "gone") => void;
  /** Resolves when it is over. */
  over: Promise<void>;
}

/** Takes calls from peers that have proven the key. */
export class Waiting {
  #options: WaitingOptions;
  #context: CallContext;
  #current: Current | undefined;
  #done: (error?: unknown) => void;

  /** @param onDone called when an accepted call is over, with the error that has ended it if any */
  constructor(options: WaitingOptions, context: CallContext, onDone: (error?: unknown) => void) {
    this.#options = options;
    this.#context = context;
    this.#done = onDone;
  }

  /** Whether a call rings or lasts. */
  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** Where the peer of an accepted call watches and listens; undefined if there is no such call. */
  hubOf(id: string): Hub | undefined {
    const { call } = this.#current?.id === id ? this.#current : {};
    return call?.signal.aborted === false ? call.hub : undefined;
  }

  /**
   * Serves a connection as its first message says, until it ends.
   *
   * @param onInvite serves a peer that asks for a code for somebody else. @default it is refused
   */
  async serve(connection: Connection, peer: string, onInvite?: OnInvite): Promise<void> {
    try {
      const message = await within(readControl(connection), FIRST_MESSAGE_MS);
      if (message?.type === "ring") await this.#ring(connection, message, peer);
      else if (message?.type === "join") await this.#join(connection, message, peer);
      else if (message?.type === "invite" && onInvite) await onInvite(connection, peer);
      else {
        const reason = "Here somebody waits for calls: use call instead of receiver";
        await sayLast(connection, { type: "bye", reason });
      }
    } catch (error) {
      closeQuietly(connection);
      if (!isOfNetwork(error)) throw error;
      this.#context.console.detail(`${peer}: ${messageOf(error)}`);
    }
  }

  async #join(connection: Connection, message: Join, peer: string): Promise<void> {
    const call = this.#current?.id === message.call ? this.#current.call : undefined;
    if (call === undefined || call.signal.aborted) return closeQuietly(connection);
    if (message.as === "viewer") await call.serve(connection, peer);
    else await call.watch(connection);
  }

  async #ring(connection: Connection, ring: Ring, peer: string): Promise<void> {
    const { report, console, signal } = this.#context;
    await this.#giveWay(ring, peer);
    const current = this.#current;
    if (current !== undefined && current.id !== ring.call) {
      report.ended("busy", ring.name, true);
      return await sayLast(connection, { type: "busy" });
    }
    if (current === undefined && ring.again) {
      return await sayLast(connection, { type: "hangup" });
    }
    const line = new Line(connection, (message) => this.#hear(message, line));
    if (current !== undefined) {
      const { line: former, call } = current;
      current.line = line;
      call?.follow(line);
      if (call) line.say({ type: "accept", name: this.#context.name });
      await former.close();
      await line.ended;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<"accept" | "refuse" | "gone">();
    const over = Promise.withResolvers<void>();
    const mine: Current = {
      ...{ id: ring.call, name: ring.name, peer, line, call: undefined },
      ...{ answer: resolve, over: over.promise },
    };
    this.#current = mine;
    let failure: unknown;
    try {
      line.ended.then(() => mine.line === line && resolve("gone"));
      await this.#answer(mine, ring.name, peer, promise);
    } catch (error) {
      failure = error;
    } finally {
      this.#current = undefined;
      over.resolve();
    }
    console.detail(`The call of ${peer} has ended`);
    if (mine.call !== undefined || failure !== undefined || signal.aborted) this.#done(failure);
  }

  /** Ends a call whose line is lost if the same peer calls anew: it was started again. */
  async #giveWay({ call: id, name }: Ring, peer: string): Promise<void> {
    const current = this.#current;
    if (current === undefined || current.id === id || !current.call?.isLost) return;
    if (current.name !== name || addressOfPeer(current.peer) !== addressOfPeer(peer)) return;
    current.call.end("lost");
    await current.over;
  }

  /** Asks the user, and runs the call if it is accepted. */
  async #answer(
    current: Current,
    name: string,
    peer: string,
    answer: Promise<"accept" | "refuse" | "gone">,
  ): Promise<void> {
    const { keys, report, signal, console } = this.#context;
    const { autoAnswer, rings } = this.#options;
    report.ringing(name, peer, !autoAnswer);
    if (autoAnswer) current.answer("accept");
    using _stop = onAbort(signal, () => current.answer("refuse"));
    const timer = setTimeout(() => current.answer("gone"), MAX_RING_MS);
    const stopBell = new AbortController();
    const bell = !autoAnswer && rings
      ? ringBell(stopBell.signal, (line) => console.detail(`bell: ${line}`))
      : undefined;
    let answered: "accept" | "refuse" | "gone";
    {
      using _ = keys.listen((key) => {
        if (key === "y") current.answer("accept");
        else if (key === "n" || key === "q") current.answer("refuse");
      });
      answered = await answer;
    }
    clearTimeout(timer);
    stopBell.abort();
    await bell;
    if (answered !== "accept") {
      await current.line.close(answered === "refuse" ? { type: "refuse" } : undefined);
      return report.ended(answered === "refuse" ? "refused" : "no answer", name, true);
    }
    report.accepted(name);
    const call = current.call = new Call(name, this.#context);
    call.follow(current.line);
    const running = call.run(); // it takes connections from now on
    current.line.say({ type: "accept", name: this.#context.name });
    await running;
  }

  #hear({ type }: Control, line: Line): void {
    if (type !== "hangup" || this.#current?.line !== line) return;
    this.#current.answer("gone");
    this.#current.call?.end("them");
  }
}

/** Says something, and closes the connection. */
export async function sayLast(connection: Connection, message: Control): Promise<void> {
  await within(writeAll(connection, encodeControl(message)), LAST_MS);
  closeQuietly(connection);
}
