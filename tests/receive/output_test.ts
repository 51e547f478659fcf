// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { joinStatus } from "../../lib/program/console.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import { Frame, FramePool } from "../../lib/jpeg/frame.ts";
import { observed, type Output, together } from "../../lib/receive/output.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import type { ReceivedFrame } from "../../lib/receive/receive.ts";

/** Takes one frame at a time; the test says when it is ready for the next. */
class Slow implements Output {
  taken: number[] = [];
  follow = () => void this.followed++;
  followed = 0;
  isClosed = false;
  ended: Promise<CamcatError | undefined>;
  end!: (error: CamcatError | undefined) => void;
  ready!: () => void;

  constructor() {
    this.ended = new Promise((resolve) => this.end = resolve);
  }

  take({ frame }: ReceivedFrame): Promise<void> {
    this.taken.push(frame.seq);
    return new Promise((resolve) => this.ready = resolve);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** Takes everything at once. */
class Quick extends Slow {
  override take({ frame }: ReceivedFrame): Promise<void> {
    this.taken.push(frame.seq);
    return undefined as unknown as Promise<void>;
  }
}

function received(seq: number): ReceivedFrame {
  const frame = Frame.from(Uint8Array.of(0xff, 0xd8, seq, 0xff, 0xd9), { time: seq, seq });
  return { frame, capturedAt: seq, live: true, dropped: 0 };
}

/** Lets all that is due happen. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("together() gives every frame to who is quick, and the newest to who is not", async () => {
  const [quick, slow] = [new Quick(), new Slow()];
  const output = together([quick, slow]);
  for (const seq of [1, 2, 3, 4]) await output.take(received(seq));
  assertEquals(quick.taken, [1, 2, 3, 4]);
  assertEquals(slow.taken, [1]);
  slow.ready();
  await turn();
  assertEquals(slow.taken, [1, 4]);
});

Deno.test("together() is as quick as the quickest, and waits for that", async () => {
  const [a, b] = [new Slow(), new Slow()];
  const output = together([a, b]);
  const events: string[] = [];
  const first = Promise.resolve(output.take(received(1))).then(() => events.push("first"));
  await turn();
  assertEquals(events, []);
  b.ready();
  await first;
  const second = Promise.resolve(output.take(received(2))).then(() => events.push("second"));
  await turn();
  assertEquals([a.taken, b.taken, events], [[1], [1, 2], ["first"]]);
  a.ready(); // takes the second at once, and is busy with it
  await turn();
  assertEquals([a.taken, events], [[1, 2], ["first"]]);
  a.ready();
  await second;
});

Deno.test("together() gives a frame back to its pool when nobody holds it any more", async () => {
  const returned: number[] = [];
  class Pool extends FramePool {
    override giveBack(buffer: Uint8Array<ArrayBuffer>): void {
      returned.push(buffer[0]);
    }
  }
  const pool = new Pool();
  const slow = new Slow();
  const output = together([new Quick(), slow]);
  for (const seq of [1, 2, 3]) {
    const frame = new Frame(Uint8Array.of(seq), 0, 1, { time: 0, seq, pool });
    await output.take({ frame, capturedAt: 0, live: true, dropped: 0 });
    frame.release();
  }
  assertEquals(returned, [2]); // replaced; 1 is shown, 3 waits
  slow.ready();
  await turn();
  slow.ready();
  await turn();
  assertEquals(returned, [2, 1, 3]);
});

Deno.test("together() passes events to all, closes all, and ends with the first that ends", async () => {
  const all = [new Quick(), new Slow()];
  const output = together(all);
  output.follow?.({ type: "lost", reason: "test" });
  assertEquals(all.map(({ followed }) => followed), [1, 1]);
  const error = new CamcatError("test");
  all[1].end(error);
  assertEquals(await output.ended, error);
  await output[Symbol.asyncDispose]();
  assertEquals(all.map(({ isClosed }) => isClosed), [true, true]);
});

Deno.test("together() of nothing takes everything", async () => {
  const output = together([]);
  for (const seq of [1, 2]) assertEquals(await output.take(received(seq)), undefined);
});

Deno.test("together() of one is that one", () => {
  const quick = new Quick();
  assertEquals(together([quick]), quick);
});

Deno.test("observed() lets observers see everything, at the pace of the output", async () => {
  const [slow, before, after] = [new Slow(), new Quick(), new Quick()];
  const output = observed(slow, { before: [before], after: [after] });
  let isTaken = false;
  const taken = Promise.resolve(output.take(received(1))).then(() => isTaken = true);
  await turn();
  assertEquals([slow.taken, before.taken, after.taken, isTaken], [[1], [1], [1], false]);
  slow.ready();
  await taken;
  output.follow?.({ type: "lost", reason: "test" });
  slow.end(undefined);
  assertEquals(await output.ended, undefined);
  for (const one of [before, slow, after]) assertEquals(one.followed, 1);
});

Deno.test("observed() closes what depends on another after that", async () => {
  const closed: string[] = [];
  const named = (name: string) => {
    const output = new Quick();
    output[Symbol.asyncDispose] = () => Promise.resolve(void closed.push(name));
    return output;
  };
  const output = observed(named("output"), {
    before: [named("before")],
    after: [named("after")],
  });
  await output[Symbol.asyncDispose]();
  assertEquals(closed, ["before", "output", "after"]);
});

Deno.test("together() and observed() take sound if one of their outputs does", () => {
  const heard: number[] = [];
  const hearing = (index: number) =>
    Object.assign(new Quick(), { hear: () => void heard.push(index) });
  const deaf = together([new Quick(), new Quick()]);
  assertEquals(deaf.hear, undefined);
  assertEquals(observed(deaf, { before: [], after: [] }).hear, undefined);
  const both = together([hearing(1), new Quick(), hearing(2)]);
  const packet = new SoundPacket({ seq: 1, time: 1, data: Uint8Array.of(0xf8) });
  observed(both, { before: [hearing(0)], after: [] }).hear?.({ packet, capturedAt: 1 });
  assertEquals(heard, [0, 1, 2]);
});

Deno.test("joinStatus() puts nothing between figures and none", () => {
  const of = (text: string, json = {}) => ({ text, json });
  assertEquals(
    joinStatus(of("1 fps", { fps: 1 }), undefined, joinStatus(), of("REC", { rec: 2 })),
    {
      text: "1 fps  REC",
      json: { fps: 1, rec: 2 },
    },
  );
  assertEquals(joinStatus(of("1 fps"), joinStatus(undefined)).text, "1 fps");
});
