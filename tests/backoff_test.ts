// @ts-types="../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Backoff, wait } from "../lib/backoff.ts";
import { listenedSignal } from "./signal.ts";

/** Delays with the jitter at `share` of its range. */
function delays(backoff: Backoff, count: number, share: number): number[] {
  const { random } = Math;
  Math.random = () => share;
  try {
    return Array.from({ length: count }, () => backoff.nextMs());
  } finally {
    Math.random = random;
  }
}

Deno.test({
  name: "Backoff.nextMs() doubles from 0.2 s to 5 s",
  permissions: "none",
  fn() {
    assertEquals(delays(new Backoff(), 8, 0.5), [200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  },
});

Deno.test({
  name: "Backoff.nextMs() varies by a quarter",
  permissions: "none",
  fn() {
    assertEquals(delays(new Backoff(), 2, 0), [150, 300]);
    assertEquals(delays(new Backoff(), 2, 1), [250, 500]);
    const first = Array.from({ length: 100 }, () => new Backoff().nextMs());
    assert(first.every((delay) => delay >= 150 && delay <= 250));
    assert(new Set(first).size > 1);
  },
});

Deno.test({
  name: "Backoff.reset() begins anew",
  permissions: "none",
  fn() {
    const backoff = new Backoff();
    delays(backoff, 5, 0.5);
    backoff.reset();
    assertEquals(delays(backoff, 2, 0.5), [200, 400]);
  },
});

Deno.test({
  name: "wait() ends when it is aborted, or was before",
  permissions: "none",
  async fn() {
    const controller = new AbortController();
    const waiting = wait(2 ** 30, controller.signal);
    controller.abort();
    await waiting;
    await wait(2 ** 30, controller.signal);
  },
});

Deno.test({
  name: "wait() ends after its time, and leaves nothing at the signal",
  permissions: "none",
  async fn() {
    const { signal, listeners } = listenedSignal();
    const waiting = wait(1, signal);
    assertEquals(listeners.size, 1);
    await waiting;
    assertEquals(listeners.size, 0);
  },
});
