/**
 * An address with the key and the camera that were written with it.
 *
 * @module
 */

import { type Address, parseAddress } from "../protocol/address.ts";
import { Key } from "./key.ts";

/** A peer to connect to. */
export interface Peer {
  /** Where it is. */
  address: Address;
  /** Its key, if that was written with it. */
  key: Key | undefined;
  /** Which of its cameras, if that was written with it. */
  camera: string | undefined;
}

/**
 * Reads what the listening end shows: an address as {@linkcode parseAddress} reads it,
 * and `/KEY` after it, if it has a key; after that there may be `/CAMERA`. The key may
 * be left empty.
 *
 * @throws {UsageError} if it is none; the message does not repeat the key
 */
export function parsePeer(text: string): Peer {
  const [address, key, ...camera] = text.split("/");
  return {
    address: parseAddress(address),
    key: key ? Key.parse(key) : undefined,
    camera: camera.join("/") || undefined,
  };
}
