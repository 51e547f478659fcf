/**
 * The cameras that answers tell of, whoever sent them: bounded, and none can change another's.
 *
 * @module
 */

import type { Address } from "../protocol/address.ts";
import { oldestOfBusiest } from "../security/fair_share.ts";
import { cut, safeText } from "../base/text.ts";
import { type DnsRecord, type Name, nameKey, readMessage } from "./dns_message.ts";
import { readInfo, SERVICE, type ServiceInfo } from "./service.ts";

/** A camera that a sender on this network announces. Nothing of it is proven. */
export interface FoundCamera {
  /** The name it is announced with: unique on the network, and safe to show. */
  name: string;
  /** The name to ask its sender for; undefined for the sender's first camera. */
  camera: string | undefined;
  /** Where its sender is, the likeliest first: at least one, at most {@linkcode MAX_ADDRESSES}. */
  addresses: Address[];
  /** Whether only viewers with the key can watch. */
  needsKey: boolean;
  /** The public identifier of the key; undefined if there is none. */
  id: string | undefined;
  /** The port of the page; undefined if there is none for other machines. */
  httpPort: number | undefined;
  /** Whether it is no camera, but somebody who waits for calls. */
  isCall: boolean;
}

/** Most addresses of one camera. */
export const MAX_ADDRESSES = 8;
/** Most announcements that are kept; the machine with most of them gives way. */
const MAX_ENTRIES = 256;
/** An announcement is forgotten after this many seconds, whatever it says: it is asked for again. */
const MAX_TTL = 120;

/** What one machine says of one camera. */
interface Entry {
  /** The machine. */
  from: string;
  name: string;
  expiresAt: number;
  service?: { host: string; port: number };
  info?: ServiceInfo | undefined;
  addresses: string[];
}

/** Collects cameras from answers. */
export class FoundCameras {
  /** In the order of arrival, by the machine and the name. */
  #entries = new Map<string, Entry>();
  #isOnLink: (address: string) => boolean;

  /** @param isOnLink whether an address is on a link of this machine; others are left out */
  constructor(isOnLink: (address: string) => boolean) {
    this.#isOnLink = isOnLink;
  }

  /** Takes in the answer that came `from` an address. @returns whether it told of cameras */
  add(packet: Uint8Array, from: string): boolean {
    const message = readMessage(packet);
    if (!message?.isAnswer) return false;
    const records = [...message.answers, ...message.additionals];
    const touched = new Set<Entry>();
    for (const record of records) {
      const entry = this.#entryFor(record, from);
      if (entry === undefined) continue;
      if (record.type === "SRV" && record.port > 0) {
        entry.service = { host: nameKey(record.target), port: record.port };
      } else if (record.type === "TXT") entry.info = readInfo(record.texts);
      touched.add(entry);
    }
    const hosts = Map.groupBy(
      records.filter((it) => it.type === "address"),
      ({ name }) => nameKey(name),
    );
    for (const entry of touched) {
      entry.addresses = (hosts.get(entry.service?.host ?? "") ?? [])
        .map(({ address }) => address)
        .filter((address) => this.#isReachable(address))
        .slice(0, MAX_ADDRESSES);
    }
    return touched.size > 0;
  }

  /** The entry that a record belongs to, a new one if need be; undefined if it is no camera's. */
  #entryFor(record: DnsRecord, from: string): Entry | undefined {
    const instance = record.type === "PTR" && isService(record.name)
      ? record.target
      : record.type === "SRV" || record.type === "TXT"
      ? record.name
      : undefined;
    const [name, ...service] = instance ?? [];
    if (!name || !isService(service)) return undefined;
    const key = `${from} ${name.toLowerCase()}`;
    if (record.ttl === 0) {
      this.#entries.delete(key);
      return undefined;
    }
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { from, name: safeText(cut(name)), expiresAt: 0, addresses: [] };
      this.#entries.set(key, entry);
      if (this.#entries.size > MAX_ENTRIES) this.#giveUpOne();
    }
    entry.expiresAt = performance.now() + Math.min(record.ttl, MAX_TTL) * 1000;
    return entry;
  }

  /** Of link-local addresses only that of the machine itself has its link. */
  #isReachable(address: string): boolean {
    return !address.startsWith("fe80:") && this.#isOnLink(address);
  }

  #giveUpOne(): void {
    const entry = oldestOfBusiest(this.#entries.values());
    for (const [key, value] of this.#entries) {
      if (value === entry) this.#entries.delete(key);
    }
  }

  /** What was found, in the order of names. What several machines say alike is one camera. */
  get cameras(): FoundCamera[] {
    const found = new Map<string, { camera: FoundCamera; hosts: string[]; others: string[] }>();
    for (const [key, { from, name, expiresAt, service, info, addresses }] of this.#entries) {
      if (expiresAt < performance.now()) this.#entries.delete(key);
      else if (service !== undefined && info !== undefined) {
        const { camera, needsKey, id, httpPort, isCall } = info;
        const same = JSON.stringify([name.toLowerCase(), service, info]);
        const group = found.get(same) ?? {
          camera: { name, camera, addresses: [], needsKey, id, httpPort, isCall },
          hosts: [],
          others: [],
        };
        group.hosts.push(from);
        group.others.push(...addresses);
        group.camera.addresses = [...new Set([...group.hosts.sort(byFamily), ...group.others])]
          .slice(0, MAX_ADDRESSES).map((hostname) => ({ hostname, port: service.port }));
        found.set(same, group);
      }
    }
    return [...found.values()].map(({ camera }) => camera)
      .sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  }
}

function isService(name: Name): boolean {
  return nameKey(name) === nameKey(SERVICE);
}

/** IPv4 first, link-local IPv6 last: a person can read and pass on the first. */
function byFamily(a: string, b: string): number {
  const rank = (address: string) =>
    !address.includes(":") ? 0 : address.toLowerCase().startsWith("fe80:") ? 2 : 1;
  return rank(a) - rank(b);
}
