/**
 * SPAKE2 (RFC 9382): two ends that know the same password agree on a key. A listener learns
 * neither, and an end that does not know the password can try one.
 *
 * The suite is P256-SHA256-HKDF-HMAC (RFC 9382 section 6). This module has no dependency on Deno:
 * it also runs in the page.
 *
 * @module
 */

import { p256 } from "@noble/curves/nist";
import { hkdf } from "@noble/hashes/hkdf";
import { hmac } from "@noble/hashes/hmac";
import { sha256 } from "@noble/hashes/sha2";

type Bytes = Uint8Array<ArrayBuffer>;
type Point = InstanceType<typeof p256.Point>;

/** Bytes of a share: a point of P-256, uncompressed (SEC 1 section 2.3.3). */
export const SHARE_BYTES = 65;

/** The points M and N of P-256 (RFC 9382 section 6): nobody knows their discrete logarithms. */
const M = p256.Point.fromHex("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f");
const N = p256.Point.fromHex("03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49");

/** What the two ends have agreed on. */
export interface Agreement {
  /** Ke: 16 secret bytes. They are the same at both ends only if the passwords were. */
  key: Bytes;
  /** What this end shows to prove that it has the key. */
  confirmation: Bytes;
  /** What the other end must show; compare in constant time. */
  expected: Bytes;
}

/** What both ends know beforehand. */
export interface Spake2Options {
  /** The name of the end that speaks first. */
  a: string;
  /** The name of the other end. */
  b: string;
  /** What both ends confirm besides: they fail if it differs. */
  additional?: string;
  /** The secret number of this end, for test vectors. @default a random one */
  scalar?: bigint;
}

/** One end of one exchange. */
export class Spake2 {
  /** What the other end needs. It reveals nothing. */
  readonly share: Bytes;

  #isA: boolean;
  #w: bigint;
  #scalar: bigint;
  #options: Spake2Options;

  /**
   * Begins an exchange.
   *
   * @param end which end this is: `a` speaks first
   * @param w the password as a number, for example from {@linkcode scalarOf}
   */
  constructor(end: "a" | "b", w: bigint, options: Spake2Options) {
    this.#isA = end === "a";
    this.#w = w;
    this.#options = options;
    this.#scalar = options.scalar ?? p256.Point.Fn.fromBytes(p256.utils.randomSecretKey());
    const mask = (this.#isA ? M : N).multiply(w);
    this.share = encode(p256.Point.BASE.multiply(this.#scalar).add(mask));
  }

  /**
   * Ends the exchange with the share of the other end.
   *
   * @returns undefined if that is no share: no point of the curve, or one that would make the key
   * known to all
   */
  finish(share: Uint8Array): Agreement | undefined {
    const theirs = decode(share);
    if (theirs === undefined) return undefined;
    const point = theirs.subtract((this.#isA ? N : M).multiply(this.#w));
    // P-256 has no small subgroups: the identity is the only point that would (section 3.3).
    if (point.is0()) return undefined;
    const shared = encode(point.multiply(this.#scalar));
    const { a, b, additional = "" } = this.#options;
    const [shareOfA, shareOfB] = this.#isA ? [this.share, share] : [share, this.share];
    const w = p256.Point.Fn.toBytes(this.#w);
    const transcript = lengthPrefixed([utf8(a), utf8(b), shareOfA, shareOfB, shared, w]);
    const hash = sha256(transcript);
    // Section 4: Ke || Ka = Hash(TT); KcA || KcB = KDF(Ka, nil, "ConfirmationKeys" || AAD).
    const info = utf8(`ConfirmationKeys${additional}`);
    const keys = hkdf(sha256, hash.subarray(16), undefined, info, 32);
    const [ofA, ofB] = [keys.subarray(0, 16), keys.subarray(16)]
      .map((key) => new Uint8Array(hmac(sha256, key, transcript)));
    const key = new Uint8Array(hash.subarray(0, 16));
    return this.#isA
      ? { key, confirmation: ofA, expected: ofB }
      : { key, confirmation: ofB, expected: ofA };
  }
}

/**
 * A number from 1 below the order of the group, from bytes that are as good as random: at least 8
 * more than the order has, so that all numbers are as probable (RFC 9382 section 3.2).
 */
export function scalarOf(bytes: Uint8Array): bigint {
  let number = 0n;
  for (const byte of bytes) number = number << 8n | BigInt(byte);
  return number % (p256.Point.Fn.ORDER - 1n) + 1n;
}

function encode(point: Point): Bytes {
  return new Uint8Array(point.toBytes(false));
}

function decode(share: Uint8Array): Point | undefined {
  if (share.length !== SHARE_BYTES) return undefined;
  try {
    return p256.Point.fromBytes(share); // throws if it is not on the curve
  } catch {
    return undefined;
  }
}

/** The parts one after another, each behind its length in 8 bytes, the lowest first (section 3.3). */
function lengthPrefixed(parts: Uint8Array[]): Bytes {
  const total = parts.reduce((sum, { length }) => sum + 8 + length, 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setBigUint64(at, BigInt(part.length), true);
    bytes.set(part, at + 8);
    at += 8 + part.length;
  }
  return bytes;
}

function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}
