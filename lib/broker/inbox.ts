/**
 * What an edge gets from the broker: checked, opened, sound, and the newest picture only.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { ProtocolError } from "../base/errors.ts";
import { Frame, MAX_PIXELS } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { ClockSync } from "../protocol/clock_sync.ts";
import { SteadyOffset } from "../relay/steady_offset.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";
import { Freshness } from "./freshness.ts";
import { type Message, parsePackets, parsePicture } from "./message.ts";
import { parseAnswer, parseState, type State } from "./notes.ts";
import { Opener, type SealOptions } from "./seal.ts";

/** Why a message is not trusted. */
export type Refusal = "forged" | "repeated" | "late" | "too large";

/** An answer that comes later proves nothing. */
const ANSWER_MS = 5000;
/** Questions that may be answered at the same time. */
const MAX_QUESTIONS = 16;
/** Messages that may wait to be opened, besides the newest picture: over half a second of sound. */
const MAX_WAITING = 64;
/** How often the publisher is asked because of messages that are not known to be fresh. */
const ASK_MS = 200;
/** How often refused messages are reported. */
const REPORT_MS = 10_000;

/** What an {@linkcode Inbox} does with messages. */
export interface InboxEvents {
  /** Takes over a frame; its capture time is on our clock. */
  frame(frame: Frame): void;
  /** Takes a packet of sound. @param time of its recording, on our clock */
  sound(packet: SoundPacket, time: number): void;
  /** The publisher has told its state. */
  state(state: State): void;
  /** The publisher should be asked: it seems to be a new one. */
  ask(): void;
  /** Messages were not trusted, this many since the last call. */
  refused(why: Refusal, messages: number): void;
}

/** Takes messages from anybody at the broker, and lets those of the publisher through. */
export class Inbox {
  #events: InboxEvents;
  #opener: Opener;
  #maxPixels: number;
  #freshness = new Freshness();
  #clock = new ClockSync();
  /** When a question was asked, and the epoch it told, by its counter. */
  #questions = new Map<number, { at: number; epoch: string }>();
  #offset = new SteadyOffset();
  /** What waits to be opened, in the order of arrival. */
  #waiting: Message[] = [];
  #isBusy = false;
  #askedAt = -Infinity;
  #refused = new Map<Refusal, number>();
  #reportedAt = -Infinity;

  /** Opens with the options' key; drops pictures of more pixels. */
  constructor(options: SealOptions & { maxPixels?: number | undefined }, events: InboxEvents) {
    this.#opener = new Opener("publisher", options);
    this.#maxPixels = options.maxPixels ?? MAX_PIXELS;
    this.#events = events;
  }

  /** The publisher's epoch, as hex; empty before it has answered. */
  get epoch(): string {
    return this.#freshness.epoch;
  }

  /** The counter of the publisher's last message. */
  get counter(): number {
    return this.#freshness.counter;
  }

  /** When the publisher was heard last. */
  get heardAt(): number {
    return this.#freshness.heardAt;
  }

  /** Records a question of ours, which told the publisher's `epoch`. */
  asked(counter: number, epoch: string): void {
    this.#questions.set(counter, { at: now(), epoch });
    if (this.#questions.size > MAX_QUESTIONS) {
      this.#questions.delete(this.#questions.keys().next().value!);
    }
  }

  /** Takes a message. Returns at once; a newer picture replaces one that is not opened yet. */
  put(bytes: Uint8Array): void {
    try {
      const message = this.#opener.parse(bytes);
      const { kind } = message.header;
      if (kind !== "answer" && this.#isOld(message)) return;
      if (kind === "frame") this.#waiting = this.#waiting.filter(isNoFrame);
      else if (this.#waiting.length >= MAX_WAITING) return;
      this.#waiting.push(message);
    } catch (error) {
      return this.#refuse(error);
    }
    this.#work();
  }

  /** Reports refused messages now and then. Call it about once a second. */
  tick(): void {
    if (this.#refused.size === 0 || now() - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = now();
    for (const [why, messages] of this.#refused) this.#events.refused(why, messages);
    this.#refused.clear();
  }

  /** Opens what waits, one after the other: counters only grow. */
  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let message; (message = this.#waiting.shift()) !== undefined;) {
      try {
        const body = await this.#opener.open(message);
        if (message.header.kind === "answer") this.#takeAnswer(message, body);
        else if (!this.#isOld(message)) this.#takeNews(message, body);
      } catch (error) {
        this.#refuse(error);
      }
    }
    this.#isBusy = false;
  }

  #takeAnswer({ header }: Message, body: Uint8Array): void {
    const answer = parseAnswer(body);
    const question = this.#questions.get(answer.counter);
    const time = now();
    this.#questions.delete(answer.counter);
    if (question === undefined) return this.#count("repeated");
    if (time - question.at > ANSWER_MS) return this.#count("late");
    if (!this.#freshness.answered(header, answer.started, time)) return;
    if (question.epoch !== this.epoch) { // a new publisher
      this.#clock = new ClockSync();
      this.#offset = new SteadyOffset();
    }
    this.#clock.pong(question.at, header.sentAt, time);
    this.#events.state(answer);
    // It counts our wishes only when it sees that we have heard it.
    if (question.epoch !== this.epoch) this.#events.ask();
  }

  #takeNews({ header }: Message, body: Uint8Array): void {
    this.#freshness.take(header, now());
    if (header.kind === "state") return this.#events.state(parseState(body));
    if (header.kind === "sound") return this.#takeSound(body);
    if (header.kind !== "frame") return;
    const { seq, time, jpeg } = parsePicture(body);
    const size = sizeOf(jpeg);
    if (size !== undefined && size.width * size.height > this.#maxPixels) {
      return this.#count("too large");
    }
    this.#events.frame(Frame.from(jpeg, { seq, time: this.#here(time) }));
  }

  #takeSound(body: Uint8Array): void {
    for (const packet of parsePackets(body)) this.#events.sound(packet, this.#here(packet.time));
  }

  /** The same time on our clock. */
  #here(time: number): number {
    return time - this.#offset.follow(this.#clock.offsetMs ?? 0, now());
  }

  #isOld({ header }: Message): boolean {
    const time = now();
    const why = this.#freshness.whyOld(header, this.#clock.offsetMs ?? 0, time);
    if (why === "repeated" || why === "late") this.#count(why);
    if (why === "unknown" && time - this.#askedAt > ASK_MS) {
      this.#askedAt = time;
      this.#events.ask();
    }
    return why !== undefined;
  }

  #refuse(error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    this.#count("forged");
  }

  #count(why: Refusal): void {
    this.#refused.set(why, (this.#refused.get(why) ?? 0) + 1);
  }
}

function isNoFrame({ header }: Message): boolean {
  return header.kind !== "frame";
}
