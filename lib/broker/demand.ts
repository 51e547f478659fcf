/**
 * Which edges want the pictures of a camera, and its sound.
 *
 * @module
 */

import type { Header } from "./message.ts";
import type { Question } from "./notes.ts";

/** An edge that has not asked for this long is gone. It asks every second. */
const EDGE_MS = 3500;
/** A question that has heard nothing newer than this is old, whenever it arrives. */
const FRESH_MS = 10_000;
/** More edges than one broker feeds. */
const MAX_EDGES = 1024;
/** A wish that was never there. */
const NEVER = -Infinity;
/** Questions read in a second, so that strangers at the broker cost a bounded time. */
const MAX_PER_SECOND = 1000;

/** What is known of an edge; times are of the last question that said so. */
interface Edge {
  counter: number;
  askedAt: number;
  watchedAt: number;
  listenedAt: number;
}

/**
 * Decides by the questions of edges whether the camera is wanted. A question that was recorded and
 * is sent again counts for nothing: it does not tell what the publisher has said lately.
 */
export class Demand {
  #epoch: string;
  #edges = new Map<string, Edge>();
  /** Our counter, and when it was that, in the order of time. */
  #past: { counter: number; at: number }[] = [];
  #read = { since: 0, questions: 0 };

  /** @param epoch of the publisher, as hex */
  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  /** Whether there is time to read one more question now. */
  mayRead(now: number): boolean {
    if (now - this.#read.since >= 1000) this.#read = { since: now, questions: 0 };
    return ++this.#read.questions <= MAX_PER_SECOND;
  }

  /** Records what the publisher's counter is now. Call it about once a second. */
  tick(counter: number, now: number): void {
    this.#past.push({ counter, at: now });
    while (this.#past[0].at < now - FRESH_MS) this.#past.shift();
    for (const [edge, { askedAt }] of this.#edges) {
      if (askedAt < now - EDGE_MS) this.#edges.delete(edge);
    }
  }

  /**
   * Takes a question whose seal was right.
   *
   * @returns whether it deserves an answer: it was not asked before
   */
  take({ epoch, counter }: Header, question: Question, now: number): boolean {
    const id = epoch.toHex();
    const before = this.#edges.get(id);
    if (before !== undefined && counter <= before.counter) return false;
    if (before === undefined && this.#edges.size >= MAX_EDGES) return false;
    const isFresh = question.epoch === this.#epoch &&
      question.heard >= (this.#past[0]?.counter ?? 0);
    const { watchedAt, listenedAt } = isFresh
      ? { watchedAt: question.watching ? now : NEVER, listenedAt: question.listening ? now : NEVER }
      : before ?? { watchedAt: NEVER, listenedAt: NEVER };
    this.#edges.set(id, { counter, askedAt: now, watchedAt, listenedAt });
    return true;
  }

  /** Edges that are there. */
  get edges(): number {
    return this.#edges.size;
  }

  /** Edges at which somebody watches. */
  watching(now: number): number {
    return this.#count(({ watchedAt }) => watchedAt >= now - EDGE_MS);
  }

  /** Edges at which somebody listens. */
  listening(now: number): number {
    return this.#count(({ listenedAt }) => listenedAt >= now - EDGE_MS);
  }

  #count(isOne: (edge: Edge) => boolean): number {
    return [...this.#edges.values()].filter(isOne).length;
  }
}
