/**
 * The part of the end that wants the key: a receiver, or the page.
 *
 * @module
 */

import { passwordOf } from "./password.ts";
import { unseal } from "./seal.ts";
import { type Agreement, Spake2 } from "./spake2.ts";
import { isSame, pairingOptions, type Wanted } from "./terms.ts";

/** One try with one code. It reveals nothing of the code, but whether it is the sender's. */
export class PairingGuest {
  #spake2: Spake2;
  #agreement: Agreement | undefined;

  private constructor(spake2: Spake2) {
    this.#spake2 = spake2;
  }

  /** Begins a try. @param code six digits */
  static async begin(code: string, wanted: Wanted): Promise<PairingGuest> {
    return new PairingGuest(new Spake2("a", await passwordOf(code), pairingOptions(wanted)));
  }

  /** The first message. */
  get share(): Uint8Array {
    return this.#spake2.share;
  }

  /** The second message, the answer to the sender's share; undefined if that is no share. */
  confirm(share: Uint8Array): Uint8Array | undefined {
    this.#agreement = this.#spake2.finish(share);
    return this.#agreement?.confirmation;
  }

  /** What the sender gave; undefined if it does not know the code, or somebody has changed this. */
  open(confirmation: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const agreement = this.#agreement;
    if (agreement === undefined || !isSame(confirmation, agreement.expected)) return undefined;
    return unseal(agreement.key, sealed);
  }
}
