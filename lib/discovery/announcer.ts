/**
 * Keeps cameras announced on the networks of this machine, whatever happens there.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { messageOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import type { AnnouncedCamera } from "./announced_camera.ts";
import { type DnsMessage, type Name, readMessage } from "./dns_message.ts";
import { addressRecord, encodeMessage, type Message, type Resource } from "./dns_writer.ts";
import type { Link } from "./link.ts";
import { LinkSockets, MDNS_PORT, type Origin } from "./link_sockets.ts";
import { announcement, goodbye, probe, replyTo } from "./responder.ts";

/** How often to look for networks that were joined, left, or gave another address. */
const LOOK_MS = 2000;
/** A name is free if nobody objects to three questions in these intervals (RFC 6762 section 8.1). */
const [PROBES, PROBE_MS] = [3, 250];
/** How often and how far apart an announcement is made (section 8.3). */
const [ANNOUNCEMENTS, ANNOUNCE_MS] = [2, 1000];
/** After so many conflicts each further attempt waits this long (section 8.1). */
const [MANY_CONFLICTS, CONFLICT_MS] = [10, 5000];
/** How long to wait for the outcome where two machines want a name at the same time (section 8.2). */
const YIELD_MS = 1000;
/** How long a shared answer waits at least and at most (section 6). */
const [MIN_DELAY_MS, MAX_DELAY_MS] = [20, 120];
/** What was said to all is not said again for this time (section 6). */
const QUIET_MS = 1000;
/** Answers to single machines in a second; more are asked for by nobody who needs them. */
const MAX_REPLIES = 50;
/** How long an answer holds that a program without mDNS asked for, in seconds (section 6.7). */
const LEGACY_TTL = 10;
/** Questions that such an answer repeats; those programs ask one. */
const MAX_REPEATED = 4;
/** How long the goodbye may take. */
const GOODBYE_MS = 500;

/** Options of {@linkcode Announcer}. */
export interface AnnouncerOptions {
  /** The name for the addresses of this sender. */
  host: Name;
  /** Chooses the interfaces that are announced on, and the addresses that are announced. */
  reachable: (interfaces: Deno.NetworkInterfaceInfo[]) => Deno.NetworkInterfaceInfo[];
  /** Ends it. */
  signal: AbortSignal;
  /** Called with why a network cannot be told. */
  onError: (reason: string) => void;
}

/** Announces cameras, answers for them, and changes their names where others have them. */
export class Announcer {
  #cameras: readonly AnnouncedCamera[];
  #options: AnnouncerOptions;
  #sockets: LinkSockets;
  #interfaces: Deno.NetworkInterfaceInfo[] = [];
  /** Cameras whose name is in dispute, by what has to be done. */
  #disputes = new Map<AnnouncedCamera, "rename" | "yield">();
  #claims = new Map<AnnouncedCamera, Promise<void>>();
  #conflicts = 0;
  /** When a camera was last told of to all on a link. */
  #toldAt = new Map<string, number>();
  #second = 0;
  #replies = 0;

  /** Makes an announcer; {@linkcode run} starts it. */
  constructor(cameras: readonly AnnouncedCamera[], options: AnnouncerOptions) {
    this.#cameras = cameras;
    this.#options = options;
    this.#sockets = new LinkSockets(MDNS_PORT, {
      onPacket: (packet, from) => {
        const message = readMessage(packet);
        if (message?.isAnswer) this.#hear(message, from);
        else if (message !== undefined) this.#answer(message, from);
      },
      onError: options.onError,
    });
  }

  /** Announces until the signal is aborted, then says goodbye. */
  async run(): Promise<void> {
    const { signal, reachable } = this.#options;
    using sockets = this.#sockets;
    while (!signal.aborted) {
      const interfaces = reachable(Deno.networkInterfaces());
      const isNew = JSON.stringify(interfaces) !== JSON.stringify(this.#interfaces);
      this.#interfaces = interfaces;
      await sockets.update(interfaces);
      if (isNew && !signal.aborted) this.#cameras.forEach((camera) => this.#claim(camera));
      await wait(LOOK_MS, signal);
    }
    const gone = this.#cameras.filter(({ isClaimed }) => isClaimed);
    await within(Promise.all(gone.map((camera) => this.#tellAll(goodbye(camera)))), GOODBYE_MS);
  }

  /** Makes sure that a camera's name is its own, and announces it. */
  #claim(camera: AnnouncedCamera): void {
    if (this.#claims.has(camera)) return;
    const claim = this.#claimNow(camera)
      .catch((error) => this.#options.onError(messageOf(error)))
      .finally(() => this.#claims.delete(camera));
    this.#claims.set(camera, claim);
  }

  async #claimNow(camera: AnnouncedCamera): Promise<void> {
    const { signal } = this.#options;
    await wait(Math.random() * PROBE_MS, signal);
    for (let probes = 0; probes < PROBES && !signal.aborted; probes++) {
      this.#tellAll(probe(camera));
      await wait(PROBE_MS, signal);
      const dispute = this.#disputes.get(camera);
      if (dispute === undefined) continue;
      this.#disputes.delete(camera);
      probes = -1;
      if (dispute === "rename") camera.rename();
      await wait(
        ++this.#conflicts > MANY_CONFLICTS ? CONFLICT_MS : dispute === "yield" ? YIELD_MS : 0,
        signal,
      );
    }
    if (signal.aborted) return;
    camera.isClaimed = true;
    for (let count = 0; count < ANNOUNCEMENTS && camera.isClaimed && !signal.aborted; count++) {
      for (const link of this.#sockets.links) {
        this.#tell(link, announcement(camera, this.#addresses(link)));
      }
      await wait(ANNOUNCE_MS, signal);
    }
  }

  /** Hears what others announce: one may have the name of a camera. */
  #hear({ answers, additionals }: DnsMessage, { port }: Origin): void {
    if (port !== MDNS_PORT) return;
    for (const camera of this.#cameras) {
      if (![...answers, ...additionals].some((record) => camera.isDeniedBy(record))) continue;
      if (!camera.isClaimed) this.#disputes.set(camera, "rename");
      camera.isClaimed = false; // whoever has it will say so again (section 9)
      this.#claim(camera);
    }
  }

  #answer(query: DnsMessage, from: Origin): void {
    for (const camera of this.#cameras) {
      if (!camera.isClaimed) {
        if (camera.yieldsTo(query.authorities)) this.#disputes.set(camera, "yield");
        continue;
      }
      const reply = replyTo(query, camera, this.#addresses(from.link));
      if (reply === undefined) continue;
      const delayMs = MIN_DELAY_MS + Math.random() * (MAX_DELAY_MS - MIN_DELAY_MS);
      wait(reply.isShared ? delayMs : 0, this.#options.signal).then(() => {
        if (camera.isClaimed && !this.#options.signal.aborted) {
          this.#reply(reply.message, query, from, camera);
        }
      });
    }
  }

  /** Sends an answer to the asker alone where it wants that, or else to all. */
  #reply(
    message: Message,
    { id, questions, authorities }: DnsMessage,
    from: Origin,
    camera: AnnouncedCamera,
  ): void {
    const { link } = from;
    const isLegacy = from.port !== MDNS_PORT;
    if (isLegacy || questions.every(({ wantsUnicast }) => wantsUnicast)) {
      const second = Math.trunc(performance.now() / 1000);
      if (second !== this.#second) [this.#second, this.#replies] = [second, 0];
      if (++this.#replies > MAX_REPLIES) return;
      const answer: Message = isLegacy
        ? { ...message, id, questions: questions.slice(0, MAX_REPEATED), ttl: LEGACY_TTL }
        : { ...message, replaces: true };
      this.#sockets.send(link, encodeMessage(answer), from);
      return;
    }
    const topic = `${link.multicast} ${camera.name[0]} ${message.answers?.map(({ type }) => type)}`;
    const isDefence = authorities.length > 0;
    if (!isDefence && performance.now() - (this.#toldAt.get(topic) ?? -Infinity) < QUIET_MS) return;
    if (this.#toldAt.size > 1000) this.#toldAt.clear();
    this.#toldAt.set(topic, performance.now());
    this.#tell(link, { ...message, replaces: true });
  }

  async #tellAll(message: Message): Promise<void> {
    await Promise.all(this.#sockets.links.map((link) => this.#tell(link, message)));
  }

  async #tell(link: Link, message: Message): Promise<void> {
    await this.#sockets.send(link, encodeMessage(message));
  }

  /** The records of this machine's addresses on a link. */
  #addresses(link: Link): Resource[] {
    return this.#interfaces.filter(({ name }) => name === link.name)
      .map(({ address }) => addressRecord(this.#options.host, address));
  }
}
