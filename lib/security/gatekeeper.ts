/**
 * Admission control: only peers with the key pass.
 *
 * @module
 */

import { aborted } from "../base/abort.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { messageOf } from "../base/errors.ts";
import type { Admission } from "./handshake.ts";
import { oldestOfBusiest } from "./fair_share.ts";
import { HandshakeQueue } from "./handshake_queue.ts";
import { type OnRefused, Throttle } from "./throttle.ts";

/** How long a peer may take to prove that it has the key. */
const PROOF_MS = 5000;
/** Peers that may be proving it at the same time. */
const MAX_UNPROVEN = 1024;
/**
 * Peers that may be in their TLS handshake, some 110 KB each. More than these begin in half a
 * second at most: a peer that takes longer may have to give way.
 */
const MAX_IN_TLS = 64;
/**
 * Peers that may be in TLS on the connection itself, including those given up: Deno
 * cannot close such a connection. More of them get TLS that can be closed.
 */
const MAX_UNCLOSABLE = 16;

/** Why a peer was given up. */
const TOO_SLOW = "it did not prove in time that it has the key";
const GAVE_WAY = "there were too many connections without the key";

/** A peer that has not proven the key yet. */
interface Stranger {
  /** Its address, as a {@linkcode Throttle} counts it. */
  from: string;
  /** Whether it has asked for the handshake, which only a camcat program does. */
  hasAsked: boolean;
  /** Whether its TLS handshake has begun. */
  isInTls: boolean;
  /** Aborted when it is given up. */
  stop: AbortController;
}

/**
 * Admits peers that prove to have the key. Others cost little: a limited number at a time, for a
 * few seconds, a few bytes read from each, and a limited number of handshakes per second.
 */
export class Gatekeeper {
  #handshake: Admission;
  /** In the order of arrival. */
  #strangers = new Set<Stranger>();
  #unclosable = 0;
  #queue = new HandshakeQueue();
  #throttle: Throttle;

  /** Admits the peers with which `handshake` succeeds. */
  constructor(handshake: Admission, onRefused?: OnRefused) {
    this.#handshake = handshake;
    this.#throttle = new Throttle(onRefused);
  }

  /**
   * Performs the handshake with a peer.
   *
   * @returns its encrypted connection; undefined if it failed, or the peer did not want one
   */
  async admit(connection: Deno.TcpConn): Promise<Connection | undefined> {
    const from = Throttle.addressOf(connection.remoteAddr.hostname);
    const stranger: Stranger = {
      from,
      hasAsked: false,
      isInTls: false,
      stop: new AbortController(),
    };
    const { signal } = stranger.stop;
    if (this.#strangers.size >= MAX_UNPROVEN) this.giveUpOne();
    this.#strangers.add(stranger);
    const timer = setTimeout(() => stranger.stop.abort(TOO_SLOW), PROOF_MS);
    let isUnclosable = false;
    const begin = async () => {
      stranger.hasAsked = true;
      await this.#queue.turn(this.#throttle.delayMs(from) > 0, signal);
      const inTls = [...this.#strangers].filter(({ isInTls }) => isInTls);
      if (inTls.length >= MAX_IN_TLS) this.#giveUp(oldestOfBusiest(inTls)!);
      stranger.isInTls = true;
      isUnclosable = this.#unclosable < MAX_UNCLOSABLE;
      if (isUnclosable) this.#unclosable++;
      return { closable: !isUnclosable };
    };
    const handshake = this.#handshake(connection, signal, begin);
    handshake.then(() => {}, () => {}).then(() => isUnclosable && this.#unclosable--);
    try {
      const late = aborted(signal).then(() => "late" as const);
      const admitted = await Promise.race([handshake, late]);
      if (admitted !== "late") {
        if (admitted !== undefined) this.#throttle.forget(from);
        return admitted;
      }
      handshake.then((connection) => connection && closeQuietly(connection), () => {});
      this.#throttle.add(from, signal.reason);
    } catch (error) {
      this.#throttle.add(from, signal.aborted ? signal.reason : messageOf(error));
    } finally {
      clearTimeout(timer);
      this.#strangers.delete(stranger);
    }
    return undefined;
  }

  /**
   * Gives up one peer to make room: the oldest of the address with most of them, first among those
   * that have not asked for the handshake. @returns whether there was one
   */
  giveUpOne(): boolean {
    const strangers = [...this.#strangers];
    const victim = oldestOfBusiest(strangers.filter(({ hasAsked }) => !hasAsked)) ??
      oldestOfBusiest(strangers);
    if (victim === undefined) return false;
    this.#giveUp(victim);
    return true;
  }

  #giveUp(victim: Stranger): void {
    this.#strangers.delete(victim);
    victim.stop.abort(GAVE_WAY);
  }
}
