/**
 * The senders whose keys a user has: a key belongs to a sender, wherever it is.
 *
 * @module
 */

import { parseAddress } from "../protocol/address.ts";
import { Key } from "./key.ts";

/** A sender whose key is known. */
export interface KnownSender {
  /** Its key. */
  key: Key;
  /** Where it was met, the latest address first, as `formatAddress` writes it, in lower case. */
  addresses: string[];
  /** Names of its cameras, the latest first. */
  names: string[];
}

/** More addresses and names of a sender are forgotten, the oldest first. */
const [MAX_ADDRESSES, MAX_NAMES] = [8, 16];

/**
 * Reads a file of known senders. Before a key belonged to a sender, the file was an object with a
 * key for each address.
 *
 * @throws {Error} if it is damaged
 */
export function readKnownSenders(text: string): KnownSender[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) {
    let senders: KnownSender[] = [];
    for (const [address, key] of Object.entries(value as Record<string, string>)) {
      senders = withSender(senders, { key: Key.parse(key), address: checked(address) });
    }
    return senders;
  }
  return value.map(({ key, addresses, names }) => ({
    key: Key.parse(key),
    addresses: addresses.map(checked),
    names: names.map(String),
  }));
}

/** Writes a file of known senders. */
export function writeKnownSenders(senders: readonly KnownSender[]): string {
  const rows = senders.map(({ key, ...rest }) => ({ key: key.text, ...rest }));
  return JSON.stringify(rows, undefined, 2) + "\n";
}

function checked(address: string): string {
  parseAddress(address);
  return address;
}

/** What is learned of a sender. */
export interface SenderNews {
  /** Its key. */
  key: Key;
  /** Where it is, in lower case. */
  address: string;
  /** The name of one of its cameras. */
  name?: string | undefined;
}

/**
 * The senders with what was learned of one. An address belongs to one sender, the last that was met
 * there. One that lost its last address is kept if it has a name: it may be elsewhere now.
 */
export function withSender(
  senders: readonly KnownSender[],
  { key, address, name }: SenderNews,
): KnownSender[] {
  const same = senders.find((sender) => sender.key.text === key.text);
  const others = senders.filter((sender) => sender !== same)
    .map((sender) => ({ ...sender, addresses: sender.addresses.filter((it) => it !== address) }))
    .filter(({ addresses, names }) => addresses.length > 0 || names.length > 0);
  const sender = {
    key,
    addresses: withFirst(same?.addresses ?? [], address).slice(0, MAX_ADDRESSES),
    names: withFirst(same?.names ?? [], name).slice(0, MAX_NAMES),
  };
  return [...others, sender];
}

function withFirst(list: string[], first: string | undefined): string[] {
  return first === undefined ? list : [first, ...list.filter((it) => it !== first)];
}
