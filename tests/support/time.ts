/**
 * Time that stands still unless a test lets it pass.
 *
 * @module
 */

import { setImmediate } from "node:timers";
// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";

interface Timer {
  at: number;
  run: () => void;
  everyMs: number | undefined;
}

/** Stands in for the timers and the clocks of Deno until it is disposed of. */
export class Time implements Disposable {
  #real = { setTimeout, clearTimeout, setInterval, clearInterval };
  #realNow = performance.now;
  #realDateNow = Date.now;
  #now = 0;
  #timers = new Map<number, Timer>();
  #lastId = 0;

  constructor() {
    const clear = (id?: number) => void this.#timers.delete(id ?? 0);
    const fakes = {
      setTimeout: (run: () => void, ms = 0) => this.#start(run, ms),
      setInterval: (run: () => void, ms = 0) => this.#start(run, ms, ms),
      clearTimeout: clear,
      clearInterval: clear,
    };
    Object.assign(globalThis, fakes);
    performance.now = () => this.#now;
    Date.now = () => performance.timeOrigin + this.#now;
  }

  /** Timers that still run. */
  get timers(): number {
    return this.#timers.size;
  }

  /** In how many milliseconds each timer that still runs is due. */
  get dueMs(): number[] {
    return [...this.#timers.values()].map(({ at }) => at - this.#now);
  }

  /** Lets all that can happen now happen. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Lets time pass, and everything happen that is due meanwhile. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    for (;;) {
      const next = [...this.#timers].filter(([, { at }]) => at <= until)
        .sort(([a, { at }], [b, { at: otherAt }]) => at - otherAt || a - b)[0];
      if (next === undefined) break;
      const [id, timer] = next;
      this.#now = Math.max(this.#now, timer.at);
      if (timer.everyMs === undefined) this.#timers.delete(id);
      else timer.at += timer.everyMs;
      timer.run();
      await this.settle();
    }
    this.#now = until;
  }

  /** Lets time pass while the machine sleeps: what is due then happens afterwards, and once. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
    for (const timer of this.#timers.values()) timer.at = Math.max(timer.at, this.#now);
    await this.pass(0);
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
    performance.now = this.#realNow;
    Date.now = this.#realDateNow;
  }

  #start(run: () => void, ms: number, everyMs?: number): number {
    this.#timers.set(++this.#lastId, { at: this.#now + ms, run, everyMs });
    return this.#lastId;
  }
}

/** A test in which time passes only by {@linkcode Time.pass}, and that leaves no timer behind. */
export function timeTest(name: string, fn: (time: Time) => Promise<void>): void {
  Deno.test({
    name,
    permissions: "none",
    async fn() {
      using time = new Time();
      await fn(time);
      await time.settle();
      assertEquals(time.timers, 0, "timers that were left behind");
    },
  });
}
