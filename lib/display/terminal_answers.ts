/**
 * Flow control for a terminal: every drawing asks for an answer, and the next one waits for it.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";

/** How long to wait for a terminal that has never answered, in milliseconds: some never do. */
const FIRST_ANSWER_MS = 2000;
/** How long to wait for one that has, in milliseconds: the way may be long, or an answer lost. */
const ANSWER_MS = 10_000;

/**
 * Counts questions to the terminal and its answers. Without them, pipes and SSH would hold
 * seconds of pictures.
 */
export class TerminalAnswers {
  #state: "unknown" | "come" | "never" = "unknown";
  #asked = 0;
  #answered = 0;
  #waiting: (() => void)[] = [];

  /** Whether the terminal has ever answered. */
  get haveCome(): boolean {
    return this.#state === "come";
  }

  /** Whether the terminal is expected to answer: false once it has let the first question pass. */
  get areExpected(): boolean {
    return this.#state !== "never";
  }

  /** Counts a question. */
  ask(): void {
    this.#asked++;
  }

  /** Counts answers. */
  take(count: number): void {
    if (count > 0) this.#state = "come";
    this.#answered = Math.min(this.#answered + count, this.#asked);
    if (this.#answered >= this.#asked) this.#waiting.splice(0).forEach((done) => done());
  }

  /** Gives up on answers that have not come. */
  forget(): void {
    this.#asked = this.#answered;
  }

  /**
   * Resolves when all questions are answered, or that took too long.
   *
   * @param patienceMs how long, in milliseconds
   * @param signal ends the wait
   */
  async all(
    { patienceMs = this.haveCome ? ANSWER_MS : FIRST_ANSWER_MS, signal }: {
      patienceMs?: number;
      signal?: AbortSignal;
    },
  ): Promise<void> {
    if (this.#answered >= this.#asked) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const timer = setTimeout(() => {
      if (this.#state === "unknown") this.#state = "never";
      this.forget();
      resolve();
    }, patienceMs);
    using _ = onAbort(signal, resolve);
    await promise;
    clearTimeout(timer);
  }
}
