// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { SoundQueue } from "../../lib/pacing/sound_queue.ts";

const bytes = (value: number) => Uint8Array.of(value);

Deno.test({
  name: "SoundQueue gives all that waits at once, and forgets what is older than 200 ms",
  permissions: "none",
  fn() {
    const queue = new SoundQueue(false);
    assertEquals(queue.take(0, Infinity), undefined);
    for (const at of [0, 100, 250]) queue.put(bytes(at), at, 7);
    assertEquals(queue.dropped, 1);
    assertEquals(queue.take(300, 3), Uint8Array.of(100, 250));
    queue.put(bytes(1), 400, 7);
    assertEquals(queue.take(601, Infinity), undefined);
    assertEquals(queue.dropped, 2);
  },
});

Deno.test({
  name: "SoundQueue keeps everything for a viewer of every frame, behind the frames before it",
  permissions: "none",
  fn() {
    const queue = new SoundQueue(true);
    queue.put(bytes(1), 0, 4);
    queue.put(bytes(2), 10, 5);
    queue.put(bytes(3), 20, 5);
    assertEquals(queue.take(60_000, 4), undefined);
    assertEquals(queue.take(60_000, 5), Uint8Array.of(1));
    assertEquals(queue.take(60_000, Infinity), Uint8Array.of(2, 3));
    for (let count = 0; count < 3010; count++) queue.put(bytes(0), count, 9);
    assertEquals([queue.dropped, queue.take(0, Infinity)?.length], [10, 3000]);
  },
});
