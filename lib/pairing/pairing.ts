/**
 * A code that the sender shows, and what becomes of it.
 *
 * @module
 */

import { httpSecretsOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";
import { HandshakeQueue } from "../security/handshake_queue.ts";
import type { PairingNews, PairingState } from "../protocol/pairing_messages.ts";
import { CODE_MS, MAX_TRIES, randomCode } from "./code.ts";
import { passwordOf } from "./password.ts";
import { seal } from "./seal.ts";
import { type Agreement, Spake2 } from "./spake2.ts";
import { isSame, pairingOptions, type Wanted } from "./terms.ts";

/** Exchanges that may begin: each takes some 7 ms of the processor, on a small machine 40. */
const RATE = { burst: 8, intervalMs: 200 };

/** What has happened to a code. */
export type PairingEvent = Omit<PairingNews, "type">;

/** Options of {@linkcode Pairing.open}. */
export interface PairingOptions {
  /** What whoever knows the code gets, or over HTTP the token derived from it. */
  key: Key;
  /** Called for each try, and when the code is not valid any more. */
  onEvent?: (event: PairingEvent) => void;
  /** How long the code is valid, in milliseconds. @default {CODE_MS} */
  validMs?: number | undefined;
}

/** What a viewer that knew the code gets. */
export interface PairingGift {
  /** Proves to it that we know the code too. */
  confirmation: Uint8Array;
  /** The secret that it wanted. */
  sealed: Uint8Array;
}

/** One try of one viewer. */
export interface PairingTry {
  /** Our share, for the viewer. */
  share: Uint8Array;
  /**
   * Checks what the viewer has answered. This counts.
   *
   * @param peer its address
   * @returns undefined if it does not know the code, or the code is not valid any more
   */
  answer(confirmation: Uint8Array, peer: string): PairingGift | undefined;
}

/** One code: it works once, for a limited time, and may be tried three times. */
export class Pairing {
  /** Six digits. */
  readonly code: string;
  /** Resolves when the code is not valid any more. */
  readonly ended: Promise<PairingEvent>;

  #password: bigint;
  #secrets: Record<Wanted, Uint8Array>;
  #onEvent: (event: PairingEvent) => void;
  #end: (event: PairingEvent) => void;
  #until: number;
  #timer: ReturnType<typeof setTimeout>;
  #tries = MAX_TRIES;
  #result: PairingState | undefined;
  #queue = new HandshakeQueue(RATE);

  private constructor(
    code: string,
    password: bigint,
    secrets: Record<Wanted, Uint8Array>,
    { onEvent = () => {}, validMs = CODE_MS }: PairingOptions,
  ) {
    this.code = code;
    this.#password = password;
    this.#secrets = secrets;
    this.#onEvent = onEvent;
    ({ promise: this.ended, resolve: this.#end } = Promise.withResolvers<PairingEvent>());
    this.#until = performance.now() + validMs;
    this.#timer = setTimeout(() => this.#become("expired", ""), validMs);
  }

  /** Makes a code. */
  static async open(options: PairingOptions): Promise<Pairing> {
    const code = randomCode();
    const { key } = options;
    const token = Uint8Array.fromBase64((await httpSecretsOf(key)).token, {
      alphabet: "base64url",
    });
    return new Pairing(code, await passwordOf(code), { key: key.bytes, token }, options);
  }

  /** How often the code may still be tried; 0 when it is not valid any more. */
  get tries(): number {
    return this.#tries;
  }

  /** How long it is still valid. */
  get secondsLeft(): number {
    return this.#tries === 0 ? 0 : Math.max(0, Math.ceil((this.#until - performance.now()) / 1000));
  }

  /** A sentence for whoever has tried a wrong code, or too late. */
  get refusal(): string {
    switch (this.#result) {
      case undefined:
        return `The code is wrong; ${this.#tries} ${
          this.#tries === 1 ? "try is" : "tries are"
        } left`;
      case "expired":
        return "The code has expired";
      case "paired":
        return "The code has been used; it works once";
      case "used up":
        return "The code was wrong three times and is not valid any more";
      default:
        return "The code is not valid any more";
    }
  }

  /**
   * Begins a try, which does not count yet: nothing of it tells whether a code is right.
   *
   * @returns undefined if that is no share, or `signal` is aborted
   */
  async begin(
    share: Uint8Array,
    wanted: Wanted,
    signal: AbortSignal,
  ): Promise<PairingTry | undefined> {
    await this.#queue.turn(false, signal);
    if (signal.aborted) return undefined;
    const spake2 = new Spake2("b", this.#password, pairingOptions(wanted));
    const agreement = spake2.finish(share);
    if (agreement === undefined) return undefined;
    return {
      share: spake2.share,
      answer: (confirmation, peer) => {
        if (!this.#check(confirmation, agreement, peer)) return undefined;
        const sealed = seal(agreement.key, this.#secrets[wanted]);
        return { confirmation: agreement.confirmation, sealed };
      },
    };
  }

  /** Makes the code invalid, if it is not yet. */
  close(): void {
    this.#become("withdrawn", "");
  }

  /** Counts a try. It is one step, so that tries at the same time cannot be more than there are. */
  #check(confirmation: Uint8Array, { expected }: Agreement, peer: string): boolean {
    if (this.#tries === 0) return false;
    this.#tries--;
    if (isSame(confirmation, expected)) {
      this.#become("paired", peer);
      return true;
    }
    if (this.#tries === 0) this.#become("used up", peer);
    else this.#onEvent({ state: "wrong", peer, tries: this.#tries });
    return false;
  }

  #become(state: PairingState, peer: string): void {
    if (this.#result !== undefined) return;
    this.#result = state;
    this.#tries = 0;
    clearTimeout(this.#timer);
    const event = { state, peer, tries: 0 };
    this.#onEvent(event);
    this.#end(event);
  }
}
