// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Frame, FramePool } from "../../lib/jpeg/frame.ts";
import type { Stream } from "../../lib/protocol/control.ts";
import { Pacer } from "../../lib/pacing/pacer.ts";
import { EncodedFrame } from "../../lib/send/encoded_frame.ts";
import { EveryFrameQueue, LatestFrameQueue, type SendQueue } from "../../lib/send/send_queue.ts";
import { Random } from "../support/random.ts";

const STREAM: Stream = { type: "stream", version: 1, name: "door", live: true, reason: "" };

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** Frames by number, of which it is known who still holds them. */
class Frames {
  readonly held = new Set<number>();

  encoded(seq: number, bytes = 1): EncodedFrame {
    const giveBack = () => void this.held.delete(seq);
    const pool = Object.assign(new FramePool(), { giveBack });
    this.held.add(seq);
    return new EncodedFrame(
      new Frame(new Uint8Array(bytes), 0, bytes, { time: 0, seq, pool }),
      STREAM,
    );
  }

  /** Puts a frame that nobody else holds. */
  put(waiting: SendQueue, seq: number, bytes?: number): number {
    const encoded = this.encoded(seq, bytes);
    const displaced = waiting.put(encoded);
    encoded.frame.release();
    return displaced;
  }
}

/** Takes all. @returns their numbers */
function takeAll(waiting: SendQueue): number[] {
  const numbers = [];
  for (let encoded; (encoded = waiting.first) !== undefined;) {
    assertEquals(waiting.take(), encoded);
    numbers.push(encoded.frame.seq);
    encoded.frame.release();
  }
  assertEquals(waiting.take(), undefined);
  return numbers;
}

/** Bytes of frames put in a row, what waits then, and how many each displaced. */
const CASES: [string, () => SendQueue, number[], number[], number[]][] = [
  ["one slot, empty", () => new LatestFrameQueue(), [], [], []],
  ["one slot", () => new LatestFrameQueue(), [1], [0], [0]],
  ["one slot, replaced", () => new LatestFrameQueue(), [1, 1, 1], [2], [0, 1, 1]],
  ["a queue, empty", () => new EveryFrameQueue(), [], [], []],
  ["a queue", () => new EveryFrameQueue(), [1, 9, 1], [0, 1, 2], [0, 0, 0]],
  [
    "a queue at its bound of frames",
    () => new EveryFrameQueue({ maxFrames: 3 }),
    [1, 1, 1],
    [0, 1, 2],
    [0, 0, 0],
  ],
  [
    "a queue beyond its bound of frames",
    () => new EveryFrameQueue({ maxFrames: 3 }),
    [1, 1, 1, 1, 1],
    [2, 3, 4],
    [0, 0, 0, 1, 1],
  ],
  [
    "a queue at its bound of bytes",
    () => new EveryFrameQueue({ maxBytes: 10 }),
    [5, 3, 2],
    [0, 1, 2],
    [0, 0, 0],
  ],
  [
    "a queue beyond its bound of bytes",
    () => new EveryFrameQueue({ maxBytes: 10 }),
    [2, 3, 2, 4, 7],
    [4],
    [0, 0, 0, 1, 3],
  ],
  [
    "a frame larger than all that may wait",
    () => new EveryFrameQueue({ maxBytes: 10 }),
    [2, 11, 11],
    [2],
    [0, 1, 1],
  ],
];

for (const [name, make, bytes, left, displaced] of CASES) {
  test(`SendQueue retains what it keeps, and nothing else: ${name}`, () => {
    const frames = new Frames();
    const waiting = make();
    assertEquals(bytes.map((bytes, seq) => frames.put(waiting, seq, bytes)), displaced);
    assertEquals([...frames.held], left);
    assertEquals(takeAll(waiting), left);
    assertEquals(frames.held.size, 0);
    // It is as good as new.
    assertEquals(bytes.map((bytes, seq) => frames.put(waiting, seq, bytes)), displaced);
    assertEquals(waiting.clear(), left.length);
    assertEquals(waiting.clear(), 0);
    assertEquals(frames.held.size, 0);
    assertEquals(waiting.first, undefined);
    assertEquals(bytes.map((bytes, seq) => frames.put(waiting, seq, bytes)), displaced);
  });
}

test("EveryFrameQueue returns frames in order, and each gap is what it displaced", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    const frames = new Frames();
    const [maxBytes, maxFrames] = [random.pick([10, 100, 1000]), random.pick([1, 5, 50])];
    const queue = new EveryFrameQueue({ maxBytes, maxFrames });
    let [displaced, gaps, last] = [0, 0, -1];
    for (let seq = 0; seq < 300; seq++) {
      displaced += frames.put(queue, seq, 1 + random.below(20));
      for (let count = random.below(3); count > 0 && queue.first !== undefined; count--) {
        const { frame } = queue.take()!;
        gaps += frame.seq - last - 1;
        last = frame.seq;
        frame.release();
      }
    }
    for (const seq of takeAll(queue)) {
      gaps += seq - last - 1;
      last = seq;
    }
    assertEquals([gaps, last], [displaced, 299], `seed ${seed}`);
    assertEquals(frames.held.size, 0, `seed ${seed}`);
  }
});

test("EveryFrameQueue keeps 64 MiB of memory or 1024 frames by default", () => {
  const [small, large] = [new Frames(), new Frames()];
  const queues = [new EveryFrameQueue(), new EveryFrameQueue()];
  for (let seq = 0; seq < 2000; seq++) small.put(queues[0], seq);
  for (let seq = 0; seq < 100; seq++) large.put(queues[1], seq, 1 << 20);
  assertEquals([small.held.size, large.held.size], [1024, 64]);
});

test("EveryFrameQueue reports each lost frame once, at most every 10 s", () => {
  const frames = new Frames();
  const queue = new EveryFrameQueue({ maxFrames: 1 });
  const lose = (count: number) => {
    for (let seq = 0; seq < count; seq++) frames.put(queue, seq);
  };
  lose(1);
  assertEquals(queue.takeLost(0), 0);
  lose(3);
  const told: [number, number][] = [[0, 3], [0, 0], [9_999, 0]];
  for (const [now, count] of told) assertEquals(queue.takeLost(now), count);
  lose(5);
  assertEquals(queue.takeLost(9_999), 0);
  lose(2);
  for (const [now, count] of [[10_000, 7], [30_000, 0]]) assertEquals(queue.takeLost(now), count);
  lose(1);
  assertEquals(queue.takeLost(Infinity), 1);
  assertEquals(queue.takeLost(Infinity), 0);
});

test("EveryFrameQueue never delays a frame until 1024 are in flight", () => {
  const queue = new EveryFrameQueue();
  const pacer = new Pacer();
  for (let seq = 0; seq < 1024; seq++) {
    assertEquals(queue.freeAt(pacer), -Infinity);
    pacer.sent(seq, 1, 0, 0);
  }
  assertEquals(queue.freeAt(pacer), Infinity);
  pacer.acked(0, 1);
  assertEquals(queue.freeAt(pacer), -Infinity);
});
