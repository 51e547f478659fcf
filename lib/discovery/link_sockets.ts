/**
 * Sockets for multicast DNS, one for each link of this machine.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { messageOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { isOnLink, type Link, linksOf } from "./link.ts";

/** The port of mDNS (RFC 6762 section 3). */
export const MDNS_PORT = 5353;
const GROUPS = { IPv4: "224.0.0.251", IPv6: "ff02::fb" };
/**
 * More packets or bytes in a second are a flood: all sockets are closed until the next
 * {@linkcode LinkSockets.update}. A packet is some 100 bytes, and each byte may be work.
 */
const MAX_PACKETS = 500;
const MAX_BYTES = 128 * 1024;
/** How long the system may take to give a port. */
const BIND_MS = 1000;

/** Where a packet came from. */
export interface Origin {
  /** The link. */
  link: Link;
  /** The address, with its scope if it is link-local. */
  address: string;
  /** The port. */
  port: number;
}

/** What {@linkcode LinkSockets} calls. */
export interface LinkEvents {
  /** Called with each packet from a machine on a link. */
  onPacket: (packet: Uint8Array, from: Origin) => void;
  /** Called with why a link cannot be used. */
  onError: (reason: string) => void;
}

/** Sends to all machines on the links of this one, and hears them. */
export class LinkSockets implements Disposable {
  #port: number;
  #events: LinkEvents;
  #sockets = new Map<string, { link: Link; socket: Socket; isReady: boolean }>();
  #interfaces: Deno.NetworkInterfaceInfo[] = [];
  #second = 0;
  #packets = 0;
  #bytes = 0;

  /**
   * Makes no socket yet: {@linkcode update} does.
   *
   * @param port {@linkcode MDNS_PORT} hears what is said to all, beside other programs; 0 has a port
   * of its own, and hears only answers to what is sent from it (RFC 6762 section 5.1)
   */
  constructor(port: typeof MDNS_PORT | 0, events: LinkEvents) {
    this.#port = port;
    this.#events = events;
  }

  /** The links that can be used now. */
  get links(): Link[] {
    return [...this.#sockets.values()].filter(({ isReady }) => isReady).map(({ link }) => link);
  }

  /** Opens a socket on each link that is new, and closes those of links that are gone. */
  async update(interfaces: Deno.NetworkInterfaceInfo[]): Promise<void> {
    this.#interfaces = interfaces;
    const links = new Map(linksOf(interfaces).map((link) => [link.multicast, link]));
    for (const name of this.#sockets.keys()) if (!links.has(name)) this.#close(name);
    const added = [...links.values()].filter(({ multicast }) => !this.#sockets.has(multicast));
    await within(Promise.all(added.map((link) => this.#open(link))), BIND_MS);
  }

  /** Sends a message to one machine on a link, or to all. Resolves when the system has taken it. */
  async send(
    link: Link,
    message: Uint8Array,
    to?: { address: string; port: number },
  ): Promise<void> {
    const { socket } = this.#sockets.get(link.multicast) ?? {};
    if (socket === undefined) return;
    const { address, port } = to ?? { address: GROUPS[link.family], port: MDNS_PORT };
    const { promise, resolve } = Promise.withResolvers<void>();
    try {
      socket.send(message, port, address, (error) => {
        if (error && to === undefined) this.#fail(link, socket, error);
        resolve();
      });
      await promise;
    } catch (error) {
      this.#fail(link, socket, error);
    }
  }

  /** Closes all sockets. */
  [Symbol.dispose](): void {
    for (const name of this.#sockets.keys()) this.#close(name);
  }

  #open(link: Link): Promise<void> {
    const { family, multicast } = link;
    const isShared = this.#port !== 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = createSocket(
      family === "IPv4"
        ? { type: "udp4", reuseAddr: isShared }
        : { type: "udp6", reuseAddr: isShared, ipv6Only: true },
    );
    const entry = { link, socket, isReady: false };
    this.#sockets.set(multicast, entry);
    socket.on("message", (packet, { address, port }) => {
      // A link-local address means nothing without its link.
      const scope = /^fe80:[^%]*$/i.test(address) ? multicast.slice(2) : "";
      this.#take(packet, { link, address: address + scope, port });
    });
    socket.on("error", (error) => {
      this.#fail(link, socket, error);
      resolve();
    });
    socket.bind(this.#port, () => {
      try {
        socket.setMulticastTTL(255); // RFC 6762 section 11
        socket.setMulticastInterface(multicast);
        if (isShared) socket.addMembership(GROUPS[family], multicast);
        entry.isReady = true;
      } catch (error) {
        this.#fail(link, socket, error);
      }
      resolve();
    });
    return promise;
  }

  #fail({ name, family, multicast }: Link, socket: Socket, error: unknown): void {
    if (this.#sockets.get(multicast)?.socket !== socket) return;
    this.#close(multicast);
    this.#events.onError(`no mDNS over ${family} on ${name}: ${messageOf(error)}`);
  }

  #close(name: string): void {
    const { socket } = this.#sockets.get(name)!;
    this.#sockets.delete(name);
    try {
      socket.close();
    } catch {
      // it is closed already
    }
  }

  #take(packet: Uint8Array, from: Origin): void {
    const second = Math.trunc(performance.now() / 1000);
    if (second !== this.#second) [this.#second, this.#packets, this.#bytes] = [second, 0, 0];
    this.#bytes += packet.length;
    if (++this.#packets > MAX_PACKETS || this.#bytes > MAX_BYTES) {
      this[Symbol.dispose]();
      this.#events.onError("a flood of packets: nothing is heard for a moment");
      return;
    }
    // The system gives packets of one link to the sockets of all.
    const interfaces = this.#interfaces.filter(({ name }) => name === from.link.name);
    if (!isOnLink(from.address, interfaces)) return;
    try {
      this.#events.onPacket(packet, from);
    } catch (error) {
      this.#events.onError(messageOf(error)); // whatever comes, the program has other work to do
    }
  }
}
