/**
 * Sockets that ask all machines on the links of this one, and hear their answers.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { messageOf } from "../base/errors.ts";
import { isOnLink, type Link, linksOf } from "./link.ts";

/** The port of mDNS, and its multicast addresses (RFC 6762 section 3). */
const [PORT, GROUPS] = [5353, { IPv4: "224.0.0.251", IPv6: "ff02::fb" }];
/** More answers in a second are a flood: the sockets are closed until the next question. */
const MAX_ANSWERS = 500;

/** What {@linkcode QuerySockets} calls. */
export interface QueryEvents {
  /** Called with a packet and the address of the machine on the link that it came from. */
  onAnswer: (packet: Uint8Array, from: string) => void;
  /** Called when a link cannot be asked. */
  onError: (reason: string) => void;
}

/**
 * One socket per link. They have ports of their own, so that machines answer to them alone
 * (RFC 6762 section 5.1), and no other program on port 5353 is disturbed.
 */
export class QuerySockets implements Disposable {
  #events: QueryEvents;
  #sockets = new Map<string, Socket>();
  #interfaces: Deno.NetworkInterfaceInfo[] = [];
  #second = 0;
  #answers = 0;

  /** Makes no socket yet: {@linkcode ask} does. */
  constructor(events: QueryEvents) {
    this.#events = events;
  }

  /** Sends `query` through every link of these interfaces, and hears answers until the next time. */
  ask(query: Uint8Array, interfaces: Deno.NetworkInterfaceInfo[]): void {
    this.#interfaces = interfaces;
    const links = new Map(linksOf(this.#interfaces).map((link) => [link.multicast, link]));
    for (const [name, socket] of this.#sockets) {
      if (!links.has(name)) this.#close(name, socket);
    }
    for (const [name, link] of links) {
      const socket = this.#sockets.get(name);
      if (socket === undefined) this.#open(link, query);
      else this.#send(socket, link, query);
    }
  }

  /** Closes all sockets. */
  [Symbol.dispose](): void {
    for (const [name, socket] of this.#sockets) this.#close(name, socket);
  }

  #open(link: Link, query: Uint8Array): void {
    const { family, multicast, address } = link;
    const socket = createSocket(
      family === "IPv4" ? { type: "udp4" } : { type: "udp6", ipv6Only: true },
    );
    this.#sockets.set(multicast, socket);
    socket.on("message", (packet, { address, port }) => {
      // A link-local address means nothing without its link.
      const scope = /^fe80:[^%]*$/i.test(address) ? multicast.slice(2) : "";
      if (port === PORT) this.#take(packet, address + scope);
    });
    socket.on("error", (error) => this.#fail(link, socket, error));
    socket.bind(0, address, () => {
      try {
        socket.setMulticastTTL(255); // RFC 6762 section 11
        socket.setMulticastInterface(multicast);
        this.#send(socket, link, query);
      } catch (error) {
        this.#fail(link, socket, error);
      }
    });
  }

  #send(socket: Socket, link: Link, query: Uint8Array): void {
    try {
      socket.send(query, PORT, GROUPS[link.family], (error) => {
        if (error) this.#fail(link, socket, error);
      });
    } catch (error) {
      this.#fail(link, socket, error); // it is not bound yet
    }
  }

  #fail({ multicast }: Link, socket: Socket, error: unknown): void {
    if (this.#sockets.get(multicast) !== socket) return;
    this.#close(multicast, socket);
    this.#events.onError(`Cannot look for senders from ${multicast}: ${messageOf(error)}`);
  }

  #close(name: string, socket: Socket): void {
    this.#sockets.delete(name);
    try {
      socket.close();
    } catch {
      // it is closed already
    }
  }

  #take(packet: Uint8Array, from: string): void {
    const second = Math.trunc(performance.now() / 1000);
    if (second !== this.#second) [this.#second, this.#answers] = [second, 0];
    if (++this.#answers > MAX_ANSWERS) {
      this[Symbol.dispose]();
      this.#events.onError("Too many answers came to the question for senders");
    } else if (isOnLink(from, this.#interfaces)) this.#events.onAnswer(packet, from);
  }
}
