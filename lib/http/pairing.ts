/**
 * Pairing over HTTP: a page whose user knows the code gets the token.
 *
 * @module
 */

import { fromBase64, toBase64 } from "../pairing/base64.ts";
import { NO_CODE, type PairingDesk } from "../pairing/desk.ts";
import type { Pairing, PairingTry } from "../pairing/pairing.ts";
import { plainHost } from "../protocol/address.ts";
import { CONFIRMATION_BYTES, SHARE_BYTES } from "../protocol/pairing_messages.ts";
import { type HttpResponse, json, sentence } from "./responses.ts";
import type { Visit } from "./visit.ts";

/** How long a page may take between its two requests. */
const EXCHANGE_MS = 10_000;
/** Exchanges between their two requests; one more ends the oldest. */
const MAX_EXCHANGES = 32;

/** An exchange between its two requests. */
interface Begun {
  attempt: PairingTry;
  pairing: Pairing;
  until: number;
}

/** Answers the two requests of an exchange. */
export class HttpPairing {
  #desk: PairingDesk | undefined;
  /** By a random name, the oldest first. */
  #begun = new Map<string, Begun>();

  /** Answers for this desk; without one there is no code. */
  constructor(desk: PairingDesk | undefined) {
    this.#desk = desk;
  }

  /**
   * Answers a request. The first has the page's share in base64; the second has its confirmation, and
   * names the exchange.
   */
  async answer({ request: { url, body }, peer }: Visit): Promise<HttpResponse> {
    const bytes = bytesOf(body);
    const exchange = url.searchParams.get("exchange");
    return exchange === null
      ? await this.#begin(bytes)
      : this.#finish(exchange, bytes, plainHost(peer.hostname));
  }

  async #begin(share: Uint8Array | undefined): Promise<HttpResponse> {
    const pairing = this.#desk?.pairing;
    if (pairing === undefined || pairing.tries === 0) {
      return sentence(403, pairing?.refusal ?? NO_CODE);
    }
    if (share?.length !== SHARE_BYTES) return wrongBody();
    const attempt = await pairing.begin(share, "token", AbortSignal.timeout(EXCHANGE_MS));
    if (attempt === undefined) return wrongBody();
    const now = performance.now();
    for (const [name, { until }] of this.#begun) {
      if (until < now || this.#begun.size >= MAX_EXCHANGES) this.#begun.delete(name);
    }
    const exchange = crypto.randomUUID();
    this.#begun.set(exchange, { attempt, pairing, until: now + EXCHANGE_MS });
    return json({ exchange, share: toBase64(attempt.share) });
  }

  #finish(exchange: string, confirmation: Uint8Array | undefined, address: string): HttpResponse {
    const begun = this.#begun.get(exchange);
    this.#begun.delete(exchange);
    if (begun === undefined || begun.until < performance.now()) {
      return sentence(403, "Cannot pair: that took too long. Try again");
    }
    if (confirmation?.length !== CONFIRMATION_BYTES) return wrongBody();
    const gift = begun.attempt.answer(confirmation, address);
    if (gift === undefined) return sentence(403, begun.pairing.refusal);
    return json({ confirmation: toBase64(gift.confirmation), sealed: toBase64(gift.sealed) });
  }
}

function bytesOf(body: string): Uint8Array | undefined {
  try {
    return fromBase64(body);
  } catch {
    return undefined;
  }
}

function wrongBody(): HttpResponse {
  return sentence(400, "Cannot pair: the body must be a share or a confirmation in base64");
}
