/**
 * Where a sender answers viewers that want the key and know a code.
 *
 * @module
 */

import { plainHost } from "../protocol/address.ts";
import { encodeControl } from "../protocol/codec.ts";
import { PROTOCOL_VERSION } from "../protocol/control.ts";
import type { Pair } from "../protocol/pairing_messages.ts";
import { readControl } from "../protocol/read_control.ts";
import { CamcatError, KeyError } from "../base/errors.ts";
import type { PairingHost } from "../security/handshake.ts";
import type { Key } from "../security/key.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import type { Pairing, PairingEvent } from "./pairing.ts";

/** What a viewer is told while no code is shown. */
export const NO_CODE = "This sender shows no code. Run `sender --pair` on its machine";

/** At most one code at a time. The cryptography is loaded with the first. */
export class PairingDesk implements PairingHost {
  #key: Key;
  #pairing: Pairing | undefined;

  /** Gives this key. */
  constructor(key: Key) {
    this.#key = key;
  }

  /** Makes a code; one that is there is not valid any more. */
  async open(onEvent: (event: PairingEvent) => void, validMs?: number): Promise<Pairing> {
    const { Pairing } = await import("./pairing.ts");
    const pairing = await Pairing.open({ key: this.#key, onEvent, validMs });
    this.#pairing?.close();
    return this.#pairing = pairing;
  }

  /** The last code, valid or not. */
  get pairing(): Pairing | undefined {
    return this.#pairing;
  }

  /** How often the code may be tried; undefined while none is shown. */
  get tries(): number | undefined {
    return this.#pairing?.tries || undefined;
  }

  /** Makes the code invalid. */
  close(): void {
    this.#pairing?.close();
  }

  /**
   * Answers a viewer that wants the key; the caller closes the connection.
   *
   * @throws {CamcatError} if it violates the protocol, or no code is shown
   */
  async serve(
    connection: Deno.TcpConn,
    message: Pair,
    signal: AbortSignal,
  ): Promise<void> {
    const pairing = this.#pairing;
    if (pairing === undefined || pairing.tries === 0) {
      const reason = pairing?.refusal ?? NO_CODE;
      await connection.write(encodeControl({ type: "bye", reason, key: "needed" }));
      throw new KeyError("not needed", "it wanted to pair, and no code is shown");
    }
    const attempt = await pairing.begin(fromBase64(message.share), "key", signal);
    if (attempt === undefined) throw new CamcatError("it sent no share of a key exchange");
    const share = toBase64(attempt.share);
    await connection.write(encodeControl({ type: "pair", version: PROTOCOL_VERSION, share }));
    const confirm = await readControl(connection);
    if (confirm?.type !== "confirm") throw new CamcatError("it did not confirm a key exchange");
    const peer = plainHost(connection.remoteAddr.hostname);
    const gift = attempt.answer(fromBase64(confirm.confirmation), peer);
    await connection.write(encodeControl(
      gift === undefined
        ? { type: "bye", reason: pairing.refusal, key: "needed", tries: pairing.tries }
        : {
          type: "key",
          confirmation: toBase64(gift.confirmation),
          sealed: toBase64(gift.sealed),
        },
    ));
  }
}
