/**
 * Reaching a sender at its address, or wherever it is now.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { within } from "../base/within.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import { closeQuietly } from "../protocol/connection.ts";
import { dial, type DialOptions } from "../security/dial.ts";
import { type Elsewhere, type Reached, Seeker } from "./seeker.ts";

/** A sender that answers sooner is not looked for elsewhere. */
const HEAD_START_MS = 300;
/** How long to look for a sender when there is no further attempt. */
const LAST_MS = 2000;

/** Options of {@linkcode Reaching}. */
export interface ReachingOptions extends DialOptions {
  /** Ends all attempts. */
  signal: AbortSignal;
  /** Where the sender may be while it is not at its address. @default nowhere */
  elsewhere?: Elsewhere | undefined;
}

/** Connects to one sender, again and again. While it is not reached it is looked for. */
export class Reaching implements Disposable {
  #address: Address;
  #options: ReachingOptions;
  #seeker: Seeker | undefined;

  /** @param address where the sender was last */
  constructor(address: Address, options: ReachingOptions) {
    this.#address = address;
    this.#options = options;
  }

  /**
   * Connects to the sender at the address where it was last, or else where it is now.
   *
   * @param isLast whether there is no further attempt after an error: then it is looked for longer
   * @throws {CamcatError} why it cannot be reached where it was last
   */
  async reach(isLast: (error: unknown) => boolean): Promise<Reached> {
    const address = this.#address;
    const attempt = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, attempt.signal]);
    const direct = dial(address, { ...this.#options, signal })
      .then((connection) => ({ connection, address }));
    let reached: Reached | undefined;
    try {
      reached = await Promise.race([direct, this.#late(signal)]);
    } catch (error) {
      const seeker = this.#seek();
      reached = seeker && isLast(error) ? await within(seeker.reached, LAST_MS) : undefined;
      if (reached === undefined) throw error;
    } finally {
      attempt.abort();
      direct.then((it) => it === reached || closeQuietly(it.connection), () => {});
    }
    this.#address = reached.address;
    if (reached.address === address) this[Symbol.dispose]();
    else this.#endSeeking();
    return reached;
  }

  /** Looks elsewhere while a connection seems dead, and calls `onReached` if the sender is there. */
  suspect(onReached: () => void): void {
    this.#seek()?.reached.then((reached) => {
      if (reached === undefined) return;
      if (formatAddress(reached.address) === formatAddress(this.#address)) this.trust();
      else onReached();
    });
  }

  /** Ends that: the sender was heard again. */
  trust(): void {
    this[Symbol.dispose]();
  }

  /** Waits for the next attempt, at most until the sender is reached elsewhere. */
  async wait(ms: number): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, over.signal]);
    await Promise.race([wait(ms, signal), this.#elsewhere()]);
    over.abort();
  }

  /** Ends looking. */
  [Symbol.dispose](): void {
    this.#seeker?.reached.then((it) => it && closeQuietly(it.connection)); // nobody needs it
    this.#endSeeking();
  }

  /** Looks elsewhere too if the sender does not answer soon; resolves when it is reached there. */
  async #late(signal: AbortSignal): Promise<Reached> {
    if (this.#seeker === undefined) await wait(HEAD_START_MS, signal);
    if (!signal.aborted) this.#seek();
    return await this.#elsewhere();
  }

  /** Resolves when the sender is reached elsewhere, if it is looked for. */
  async #elsewhere(): Promise<Reached> {
    return await this.#seeker?.reached ?? await new Promise<never>(() => {});
  }

  #seek(): Seeker | undefined {
    const { elsewhere } = this.#options;
    return this.#seeker ??= elsewhere && new Seeker(elsewhere, this.#options);
  }

  #endSeeking(): void {
    this.#seeker?.[Symbol.dispose]();
    this.#seeker = undefined;
  }
}
