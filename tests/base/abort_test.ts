// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { aborted, onAbort, wait } from "../../lib/base/abort.ts";
import { listenedSignal } from "../support/signal.ts";

Deno.test({
  name: "onAbort() acts once, immediately if already aborted, never after disposal",
  permissions: "none",
  fn() {
    let count = 0;
    const controller = new AbortController();
    onAbort(controller.signal, () => count++);
    onAbort(controller.signal, () => count += 100)[Symbol.dispose]();
    controller.abort();
    assertEquals(count, 1);
    onAbort(controller.signal, () => count++);
    assertEquals(count, 2);
    onAbort(undefined, () => count++);
    assertEquals(count, 2);
  },
});

Deno.test({
  name: "aborted() resolves when its signal is aborted or already was",
  permissions: "none",
  async fn() {
    const controller = new AbortController();
    const waiting = aborted(controller.signal);
    controller.abort();
    assertEquals(await waiting, undefined);
    assertEquals(await aborted(controller.signal), undefined);
  },
});

Deno.test({
  name: "wait() ends when its signal is aborted or already was",
  permissions: "none",
  async fn() {
    const controller = new AbortController();
    const waiting = wait(2 ** 30, controller.signal);
    controller.abort();
    assertEquals(await waiting, undefined);
    assertEquals(await wait(2 ** 30, controller.signal), undefined);
  },
});

Deno.test({
  name: "wait() ends after its time and leaves no listener on the signal",
  permissions: "none",
  async fn() {
    const { signal, listeners } = listenedSignal();
    const waiting = wait(1, signal);
    assertEquals(listeners.size, 1);
    await waiting;
    assertEquals(listeners.size, 0);
  },
});
