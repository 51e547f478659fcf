/**
 * Who may come in: the listening end of a connection with a key.
 *
 * @module
 */

import { aborted, wait } from "../base/abort.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { messageOf } from "../base/errors.ts";
import type { Handshake } from "./handshake.ts";
import { type OnRefused, Throttle } from "./throttle.ts";

/** How long a peer may take to prove that it has the key. */
const PROOF_MS = 5000;
/** Peers that may be proving it at the same time. */
const MAX_WAITING = 64;
/** The same and those given up that do not go away, some 25 KB each. */
const MAX_UNPROVEN = 1024;

/** A peer that has still to prove itself. */
interface Proving {
  from: string;
  /** Aborted when it is given up. */
  stop: AbortController;
}

/**
 * Lets in who proves to have the key. Who does not costs little: a few at a time,
 * for a few seconds, a few bytes read of each; and an address that fails again
 * and again has to wait before it is heard.
 */
export class Gatekeeper {
  #handshake: Handshake;
  /** In the order in which they came. */
  #waiting = new Set<Proving>();
  /** Given up, but still there: Deno cannot close a connection in the middle of a handshake. */
  #lingering = 0;
  #penalties: Throttle;
  #onRoom: (() => void) | undefined;

  /** Makes a door that opens to those with whom the handshake succeeds. */
  constructor(handshake: Handshake, onRefused?: OnRefused) {
    this.#handshake = handshake;
    this.#penalties = new Throttle(onRefused);
  }

  /** Resolves when one more peer can be heard, or `signal` is aborted. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#waiting.size + this.#lingering >= MAX_UNPROVEN && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener("abort", done);
          resolve();
        };
        this.#onRoom = done;
        signal.addEventListener("abort", done);
      });
    }
  }

  /** Hears a peer. @returns its connection, if it may come in; if not, that is closed */
  async admit(connection: Deno.TcpConn): Promise<Connection | undefined> {
    const from = Throttle.addressOf(connection.remoteAddr.hostname);
    const waiting: Proving = { from, stop: new AbortController() };
    const { signal } = waiting.stop;
    if (this.#waiting.size >= MAX_WAITING) this.#makeRoom();
    this.#waiting.add(waiting);
    let timer;
    try {
      const delayMs = this.#penalties.delayMs(from);
      if (delayMs > 0) await wait(delayMs, signal);
      timer = setTimeout(() => waiting.stop.abort(), PROOF_MS);
      const shaken = this.#handshake(connection, signal);
      const admitted = await Promise.race([shaken, aborted(signal)]);
      if (admitted !== undefined) {
        this.#penalties.forget(from);
        return admitted;
      }
      this.#linger(shaken);
      this.#penalties.add(from, "it did not prove in time that it has the key");
    } catch (error) {
      this.#penalties.add(from, messageOf(error));
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
    }
    return undefined;
  }

  async #linger(shaken: Promise<Connection>): Promise<void> {
    this.#lingering++;
    await shaken.then(closeQuietly, () => {});
    this.#lingering--;
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  /** Gives up the oldest peer of the address that has most of them waiting. */
  #makeRoom(): void {
    const byAddress = Map.groupBy(this.#waiting, ({ from }) => from);
    const [oldest] = [...byAddress.values()].reduce((a, b) => b.length > a.length ? b : a);
    oldest.stop.abort();
    this.#waiting.delete(oldest);
  }
}
