// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Bytes, Frame, FramePool, HEADROOM, Intake } from "../../lib/jpeg/frame.ts";
import { fuzz } from "../support/random.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const MIN_BYTES = 1024;

/** Puts `bytes` where a reader would. */
function arrive(intake: Intake, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const space = intake.space();
    assert(space.length > 0);
    const part = bytes.subarray(at, at + space.length);
    space.set(part);
    intake.end += part.length;
    at += part.length;
  }
}

function held({ buffer, start, end }: Intake): Uint8Array {
  return buffer.subarray(start, end);
}

test("FramePool.take() lends at least what is asked for, and the smallest size otherwise", () => {
  const pool = new FramePool(MIN_BYTES);
  for (const [bytes, length] of [[0, 1024], [700, 1024], [800, 2048], [5000, 8192]]) {
    assertEquals(pool.take(bytes).length, length, `${bytes} bytes`);
  }
});

test("FramePool.take() lends what was given back", () => {
  const pool = new FramePool(MIN_BYTES);
  const [a, b] = [pool.take(), pool.take()];
  assert(a !== b);
  pool.giveBack(a);
  pool.giveBack(b);
  assertEquals(new Set([pool.take(), pool.take()]), new Set([a, b]));
  assert(![a, b].includes(pool.take()));
});

test("FramePool.take() lends nothing that is too short", () => {
  const pool = new FramePool(MIN_BYTES);
  pool.giveBack(pool.take());
  assert(pool.take(5000).length >= 5000);
});

test("FramePool follows the sizes of frames: up at once, down slowly", () => {
  const pool = new FramePool(MIN_BYTES);
  pool.observe(100_000);
  const large = pool.take();
  assert(large.length >= 100_000);
  pool.giveBack(large);
  pool.observe(100);
  assert(pool.take() === large, "one small frame changes nothing");
  for (let frames = 0; frames < 1000; frames++) pool.observe(100);
  pool.giveBack(large);
  assertEquals(pool.take().length, MIN_BYTES);
});

test("FramePool keeps only a few buffers", () => {
  const pool = new FramePool(MIN_BYTES);
  const lent = Array.from({ length: 100 }, () => pool.take());
  for (const buffer of lent) pool.giveBack(buffer);
  const kept = Array.from({ length: 100 }, () => pool.take()).filter((b) => lent.includes(b));
  assert(kept.length > 0 && kept.length <= 16, `${kept.length}`);
});

test("Frame.release() gives the buffer back after the last holder's, and once", () => {
  const pool = new FramePool(MIN_BYTES);
  const buffer = pool.take();
  const frame = new Frame(buffer, HEADROOM, HEADROOM + 10, { time: 0, pool });
  frame.retain();
  frame.release();
  assert(pool.take() !== buffer, "somebody holds it still");
  frame.release();
  assert(pool.take() === buffer);
  frame.release();
  assert(pool.take() !== buffer, "it was given back twice");
});

test("Frame.from() copies, and needs no release", () => {
  const jpeg = Uint8Array.of(1, 2, 3);
  const frame = Frame.from(jpeg, { time: 7, seq: 8 });
  jpeg[0] = 9;
  assertEquals([...frame.jpeg], [1, 2, 3]);
  assertEquals([frame.time, frame.seq], [7, 8]);
  frame.release();
});

test("Frame.withHeader() puts a header before the JPEG, in the same memory", () => {
  const frame = Frame.from(Uint8Array.of(1, 2, 3), { time: 0 });
  const long = frame.withHeader(Uint8Array.of(7, 8, 9));
  assertEquals([...long], [7, 8, 9, 1, 2, 3]);
  const short = frame.withHeader(Uint8Array.of(5));
  assertEquals([...short], [5, 1, 2, 3]);
  assertEquals([...frame.jpeg], [1, 2, 3]);
  assert(long.buffer === frame.jpeg.buffer && short.buffer === frame.jpeg.buffer);
});

test("Frame.withHeader() has room for HEADROOM bytes, and refuses more", () => {
  const frame = Frame.from(Uint8Array.of(1), { time: 0 });
  assertEquals(frame.withHeader(new Uint8Array(HEADROOM)).length, HEADROOM + 1);
  assertThrows(() => frame.withHeader(new Uint8Array(HEADROOM + 1)), RangeError);
});

test("Intake.space() keeps all that arrived, however much", () => {
  const intake = new Intake(new FramePool(MIN_BYTES));
  const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index);
  arrive(intake, bytes);
  assertEquals(held(intake), bytes);
  assert(intake.buffer.length <= 4 * bytes.length);
});

test("Intake.space() makes room of what was dropped, instead of taking more", () => {
  const intake = new Intake(new FramePool(MIN_BYTES));
  let kept = new Uint8Array();
  for (let round = 0; round < 100; round++) {
    const bytes = Uint8Array.from({ length: 400 }, (_, index) => round + index);
    arrive(intake, bytes);
    assertEquals([...held(intake)], [...kept, ...bytes]);
    intake.dropUntil(intake.end - 10);
    kept = bytes.subarray(-10);
  }
  assertEquals(intake.buffer.length, MIN_BYTES);
});

test("Intake.take() takes a frame out without a copy, with room for a header before it", () => {
  const intake = new Intake(new FramePool(MIN_BYTES));
  const jpeg = new Uint8Array(MIN_BYTES / 4).fill(1);
  arrive(intake, Uint8Array.of(0, 0, ...jpeg, 9));
  const { buffer, start } = intake;
  const frame = intake.take(start + 2, start + 2 + jpeg.length, 5);
  assertEquals([...frame.jpeg], [...jpeg]);
  assert(frame.jpeg.buffer === buffer.buffer);
  assertEquals(frame.time, 5);
  assertEquals(frame.withHeader(new Uint8Array(HEADROOM)).length, HEADROOM + jpeg.length);
  assertEquals([...held(intake)], [9]);
});

test("Intake.take() reads on into the buffers of released frames", () => {
  const intake = new Intake(new FramePool(MIN_BYTES));
  const buffers = new Set<Bytes>();
  for (let round = 0; round < 50; round++) {
    arrive(intake, new Uint8Array(500).fill(round));
    buffers.add(intake.buffer);
    const frame = intake.take(intake.start, intake.end, 0);
    assertEquals(frame.jpeg, new Uint8Array(500).fill(round));
    frame.release();
  }
  assert(buffers.size <= 2, `${buffers.size} buffers for frames that are never held together`);
});

test("Intake.take() leaves frames alone that are held", () => {
  fuzz(200, (random) => {
    const intake = new Intake(new FramePool(MIN_BYTES));
    const frames: { frame: Frame; expected: Uint8Array }[] = [];
    for (let round = 0; round < 40; round++) {
      arrive(intake, random.bytes(1 + random.below(1 << random.below(13))));
      const { buffer, start, end } = intake;
      const from = start + random.below(end - start);
      const until = from + 1 + random.below(end - from);
      const expected = buffer.slice(from, until);
      const rest = buffer.slice(until, end);
      const frame = intake.take(from, until, 0);
      assertEquals(held(intake), rest);
      frame.withHeader(new Uint8Array(HEADROOM).fill(0xee));
      frames.push({ frame, expected });
      if (random.below(2) === 0) {
        frames.splice(random.below(frames.length + 1), 1)[0]?.frame.release();
      }
      for (const { frame, expected } of frames) assertEquals(frame.jpeg, expected);
    }
  });
});
