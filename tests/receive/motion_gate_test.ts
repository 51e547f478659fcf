// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { Frame, FramePool } from "../../lib/jpeg/frame.ts";
import { MotionGate } from "../../lib/receive/motion_gate.ts";
import { NEVER, type Output } from "../../lib/receive/output.ts";
import type { ReceivedFrame, ReceivedSound } from "../../lib/receive/received.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { timeTest } from "../support/time.ts";

/** Keeps what it gets; if `isSlow`, it takes one frame at a time, and the test says when it is ready. */
class Notes implements Output {
  readonly ended = NEVER;
  notes: (number | string)[] = [];
  finish: () => void = () => {};
  isSlow = false;

  take({ frame }: ReceivedFrame): Promise<void> | void {
    this.notes.push(frame.seq);
    if (frame.jpeg[2] !== frame.seq % 256) this.notes.push("not its picture");
    if (this.isSlow) return new Promise((resolve) => this.finish = resolve);
  }

  pause(): void {
    this.notes.push("pause");
  }

  follow(event: { type: string }): void {
    this.notes.push(event.type);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.notes.push("closed");
    return Promise.resolve();
  }
}

/** A frame of 10 bytes. */
function received(seq: number, live = true): ReceivedFrame {
  const frame = Frame.from(Uint8Array.of(0xff, 0xd8, seq, 0, 0, 0, 0, 0, 0xff, 0xd9), {
    time: seq,
    seq,
  });
  return { frame, capturedAt: seq, live, dropped: 0 };
}

/** Sound that was recorded at `time`. */
function sound(time: number): ReceivedSound {
  const packet = new SoundPacket({ seq: time, time, data: Uint8Array.of(0xf8) });
  return { packet, capturedAt: undefined };
}

timeTest(
  "MotionGate gives sound in its place between frames, if the output takes it",
  async (time) => {
    class Hearing extends Notes {
      hear({ packet, capturedAt }: ReceivedSound): void {
        this.notes.push(`sound ${packet.time}`);
        assert(capturedAt !== undefined);
      }
    }
    const inner = new Hearing();
    const gate = new MotionGate(inner, { beforeMs: 2000 });
    gate.hear?.(sound(1));
    await time.pass(2500);
    gate.hear?.(sound(2));
    gate.take(received(3));
    gate.hear?.(sound(4));
    assertEquals(inner.notes, []);
    gate.open();
    await time.pass(0);
    gate.hear?.(sound(5));
    gate.close();
    gate.hear?.(sound(6));
    await time.pass(0);
    assertEquals(inner.notes, ["sound 2", 3, "sound 4", "sound 5", "pause"]);
    assertEquals(new MotionGate(new Notes(), { beforeMs: 2000 }).hear, undefined);
  },
);

timeTest(
  "MotionGate gives the seconds before a motion, it, and what follows until its end, in order",
  async (time) => {
    const inner = new Notes();
    const gate = new MotionGate(inner, { beforeMs: 2000 });
    let seq = 0;
    const frames = async (count: number) => {
      for (; count > 0; count--) {
        await time.pass(500);
        gate.take(received(++seq));
      }
    };
    await frames(10);
    assertEquals(inner.notes, []);
    await time.pass(100);
    gate.open();
    await time.settle();
    assertEquals(inner.notes, [7, 8, 9, 10]);
    await frames(3);
    gate.open(); // is open
    gate.close();
    gate.close();
    await frames(3);
    assertEquals(inner.notes, [7, 8, 9, 10, 11, 12, 13, "pause"]);
    inner.notes = [];
    gate.open(); // nothing twice, though less than the time before has passed
    await frames(1);
    assertEquals(inner.notes, [14, 15, 16, 17]);
    await gate[Symbol.asyncDispose]();
    assertEquals(inner.notes, [14, 15, 16, 17, "pause", "closed"]);
  },
);

timeTest("MotionGate keeps no frame that does not show the present", async (time) => {
  const inner = new Notes();
  const gate = new MotionGate(inner, { beforeMs: 60_000 });
  gate.take(received(1));
  gate.take(received(2, false));
  gate.open();
  gate.take(received(3, false));
  gate.take(received(4));
  await time.settle();
  assertEquals(inner.notes, [1, 4]);
});

timeTest("MotionGate without time before begins with the next frame", async (time) => {
  const inner = new Notes();
  const gate = new MotionGate(inner, { beforeMs: 0 });
  gate.take(received(1));
  gate.open();
  gate.take(received(2));
  await time.settle();
  assertEquals(inner.notes, [2]);
});

timeTest(
  "MotionGate holds what a slow output cannot take yet, through the end of a motion and the next one",
  async (time) => {
    const inner = new Notes();
    inner.isSlow = true;
    const gate = new MotionGate(inner, { beforeMs: 5000 });
    for (const seq of [1, 2]) gate.take(received(seq));
    gate.open();
    gate.take(received(3));
    gate.close();
    gate.take(received(4));
    gate.open();
    gate.take(received(5));
    gate.close();
    gate.take(received(6));
    assertEquals(inner.notes, [1]);
    const closed = gate[Symbol.asyncDispose]();
    for (let count = 0; count < 5; count++) {
      await time.settle();
      inner.finish();
    }
    await closed;
    assertEquals(inner.notes, [1, 2, 3, "pause", 4, 5, "pause", "closed"]);
  },
);

timeTest("MotionGate holds so many bytes, and lets the oldest go first", async (time) => {
  const inner = new Notes();
  const gate = new MotionGate(inner, { beforeMs: 60_000, maxHeldBytes: 35 });
  for (let seq = 1; seq <= 9; seq++) gate.take(received(seq));
  gate.open();
  await time.settle();
  assertEquals(inner.notes, [7, 8, 9]);

  inner.isSlow = true; // has the first of these all the time
  for (let seq = 10; seq <= 20; seq++) gate.take(received(seq));
  gate.close();
  for (let seq = 21; seq <= 22; seq++) gate.take(received(seq));
  inner.isSlow = false;
  inner.finish();
  await time.settle();
  assertEquals(inner.notes, [7, 8, 9, 10, "pause"]); // 21 and 22 are younger than 19 and 20
  gate.open();
  await time.settle();
  assertEquals(inner.notes, [7, 8, 9, 10, "pause", 21, 22]);

  inner.notes = [];
  const tiny = new MotionGate(inner, { beforeMs: 60_000, maxHeldBytes: 5 });
  tiny.open();
  for (let seq = 1; seq <= 3; seq++) tiny.take(received(seq));
  await time.settle();
  assertEquals(inner.notes, []);
});

timeTest("MotionGate gives buffers back at once", async (time) => {
  const returned: number[] = [];
  class Pool extends FramePool {
    override giveBack(buffer: Uint8Array<ArrayBuffer>): void {
      returned.push(buffer[2]);
      buffer.fill(0); // the next picture
    }
  }
  const pool = new Pool();
  const inner = new Notes();
  inner.isSlow = true;
  const gate = new MotionGate(inner, { beforeMs: 60_000 });
  for (let seq = 1; seq <= 4; seq++) {
    const frame = new Frame(Uint8Array.of(0xff, 0xd8, seq, 0xff, 0xd9), 0, 5, {
      time: 0,
      seq,
      pool,
    });
    gate.take({ frame, capturedAt: 0, live: true, dropped: 0 });
    frame.release();
    if (seq === 2) gate.open();
  }
  assertEquals(returned, [1, 2, 3, 4]);
  for (let count = 0; count < 4; count++) {
    await time.settle();
    inner.finish();
  }
  assertEquals(inner.notes, [1, 2, 3, 4]);
});

timeTest("MotionGate remembers when a frame came whose capture nobody knows", async (time) => {
  const captures: (number | undefined)[] = [];
  class Clock extends Notes {
    override take({ capturedAt }: ReceivedFrame): void {
      captures.push(capturedAt);
    }
  }
  const gate = new MotionGate(new Clock(), { beforeMs: 5000 });
  const before = now();
  gate.take({ ...received(1), capturedAt: undefined });
  gate.take(received(2));
  const after = now();
  gate.open();
  await time.settle();
  assert(captures[0]! >= before && captures[0]! <= after, `${captures[0]}`);
  assertEquals(captures[1], 2);
});

timeTest("MotionGate passes events of the connection to the inner output", () => {
  const inner = new Notes();
  new MotionGate(inner, { beforeMs: 0 }).follow({ type: "connected", encrypted: true });
  assertEquals(inner.notes, ["connected"]);
  return Promise.resolve();
});
