/**
 * Sealing messages, so that only those with the camera's key can read and write them.
 *
 * AES-128-GCM (NIST SP 800-38D) under a key of its own for each writer and each of its starts. The
 * writer's counter is the nonce, so that none is used twice under one key. The seal covers the
 * header and the camera's name too.
 *
 * @module
 */

import type { Bytes } from "../jpeg/frame.ts";
import type { Key } from "../security/key.ts";
import { now } from "../base/clock.ts";
import {
  encodeHeader,
  EPOCH_BYTES,
  HEADER_BYTES,
  type Kind,
  type Message,
  parseMessage,
  TAG_BYTES,
} from "./message.ts";
import { ProtocolError } from "../base/errors.ts";

/** Who writes: a question can then not be returned as an answer. */
export type Role = "publisher" | "edge";

/** Keys of writers kept ready. */
const MAX_KEPT_KEYS = 256;

/** What seals are bound to. */
export interface SealOptions {
  /** The camera's key; without one, messages are bare. */
  key: Key | undefined;
  /** The camera's name. */
  name: string;
}

/** The key of one writer's epoch, by HKDF (RFC 5869): SHA-256, the epoch as salt. */
async function deriveKey({ key, name }: SealOptions, role: Role, epoch: Bytes): Promise<CryptoKey> {
  const { bytes } = key!;
  const secret = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode(`camcat 1 broker ${role} ${name}`);
  return await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: epoch, info },
    secret,
    { name: "AES-GCM", length: 128 },
    false,
    ["encrypt", "decrypt"],
  );
}

/** 4 zero bytes, and the counter. */
function nonceOf(counter: number): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, BigInt(counter));
  return nonce;
}

function bound(head: Uint8Array, name: Bytes): Bytes {
  const bytes = new Uint8Array(head.length + name.length);
  bytes.set(head);
  bytes.set(name, head.length);
  return bytes;
}

/** Writes the messages of one end, in one epoch. */
export class Sealer {
  /** What tells this start of this writer from all others. */
  readonly epoch: Bytes = crypto.getRandomValues(new Uint8Array(EPOCH_BYTES));
  /** The counter of the last message. */
  counter = 0;
  #options: SealOptions;
  #role: Role;
  #name: Bytes;
  #key: Promise<CryptoKey> | undefined;

  /** Begins an epoch. */
  constructor(role: Role, options: SealOptions) {
    this.#role = role;
    this.#options = options;
    this.#name = new TextEncoder().encode(options.name);
  }

  /** Seals a message. Messages are numbered in the order of the calls. */
  async seal(kind: Kind, plain: Bytes): Promise<Bytes> {
    const sealed = this.#options.key !== undefined;
    const counter = ++this.counter;
    const head = encodeHeader({ kind, sealed, epoch: this.epoch, counter, sentAt: now() });
    const message = new Uint8Array(HEADER_BYTES + plain.length + (sealed ? TAG_BYTES : 0));
    message.set(head);
    if (sealed) {
      const key = await (this.#key ??= deriveKey(this.#options, this.#role, this.epoch));
      const algorithm = {
        name: "AES-GCM",
        iv: nonceOf(counter),
        additionalData: bound(head, this.#name),
      };
      const body = await crypto.subtle.encrypt(algorithm, key, plain);
      message.set(new Uint8Array(body), HEADER_BYTES);
    } else message.set(plain, HEADER_BYTES);
    return message;
  }
}

/** Reads what the other end has written. */
export class Opener {
  #options: SealOptions;
  #role: Role;
  #name: Bytes;
  /** By epoch, in the order of the last use. */
  #keys = new Map<string, Promise<CryptoKey>>();

  /** @param role of the writers */
  constructor(role: Role, options: SealOptions) {
    this.#role = role;
    this.#options = options;
    this.#name = new TextEncoder().encode(options.name);
  }

  /** Reads a header without trusting it. @throws {ProtocolError} if it is none, or bare or sealed wrongly */
  parse(bytes: Uint8Array): Message {
    const message = parseMessage(bytes);
    const { key } = this.#options;
    if (message.header.sealed !== (key !== undefined)) {
      throw new ProtocolError(
        key === undefined
          ? "Cannot read a message of the broker with --open: it is sealed. Leave --open out"
          : "Cannot trust a message of the broker: it is not sealed",
      );
    }
    return message;
  }

  /**
   * Opens a message.
   *
   * @throws {ProtocolError} if it was not sealed with the same key for the same name
   */
  async open({ header, head, body }: Message): Promise<Bytes> {
    if (!header.sealed) return new Uint8Array(body);
    const algorithm = {
      name: "AES-GCM",
      iv: nonceOf(header.counter),
      additionalData: bound(head, this.#name),
    };
    const key = await this.#keyOf(header.epoch);
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, body as Bytes));
    } catch (cause) {
      throw new ProtocolError(
        "Cannot open a message of the broker: it was sealed with another key",
        {
          cause,
        },
      );
    }
  }

  #keyOf(epoch: Bytes): Promise<CryptoKey> {
    const id = epoch.toHex();
    const key = this.#keys.get(id) ?? deriveKey(this.#options, this.#role, epoch);
    this.#keys.delete(id);
    this.#keys.set(id, key);
    if (this.#keys.size > MAX_KEPT_KEYS) this.#keys.delete(this.#keys.keys().next().value!);
    return key;
  }
}
