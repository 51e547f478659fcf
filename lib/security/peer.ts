/**
 * A peer on the command line: ADDRESS/KEY/CAMERA.
 *
 * @module
 */

import { type Address, parseAddress } from "../protocol/address.ts";
import { Key } from "./key.ts";

/** A peer to connect to. */
export interface Peer {
  /** Where it is. */
  address: Address;
  /** Its key, if given. */
  key: Key | undefined;
  /** The name of one of its cameras, if given. */
  camera: string | undefined;
}

/**
 * Parses the address that the listening end shows: an address for {@linkcode parseAddress}, then
 * `/KEY` if it has a key, then optionally `/CAMERA`. The key may be empty.
 *
 * @param port the one that is meant where none is given. @default that of senders
 * @throws {UsageError} if it is not such an address; the message does not repeat the key
 */
export function parsePeer(text: string, port?: number): Peer {
  const [address, key, ...camera] = text.split("/");
  return {
    address: parseAddress(address, port),
    key: key ? Key.parse(key) : undefined,
    camera: camera.join("/") || undefined,
  };
}
