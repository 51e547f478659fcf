// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { noSignal } from "../../lib/jpeg/no_signal.ts";
import { NoSignalLoop } from "../../lib/receive/no_signal_loop.ts";
import { timeTest } from "../support/time.ts";

const SIZE = { width: 320, height: 240 };
const picture = Frame.from(noSignal("a picture", 0, 0, SIZE), { time: 0 });
const received = (live: boolean) => ({ frame: picture, capturedAt: now(), live, dropped: 0 });

timeTest("NoSignalLoop shows NO SIGNAL since the last live picture, in its size", async (time) => {
  const shown: Frame[] = [];
  const loop = new NoSignalLoop((frame) => (shown.push(frame), Promise.resolve()));
  await time.pass(5000);
  const liveAt = now();
  loop.take(received(true));
  await time.pass(2000);
  loop.take(received(false)); // the sender's own NO SIGNAL
  await time.pass(2000);
  loop.follow({ type: "silent", reason: "?" }, "door");
  await time.pass(1000);
  loop.follow({ type: "lost", reason: "?" }, "door");
  const expected = [4000, 5000].map((ms) => noSignal("door", liveAt, liveAt + ms, SIZE));
  assertEquals(shown.map(({ jpeg }) => `${jpeg}`), expected.map(String));
  assertEquals(sizeOf(shown[0].jpeg), SIZE);
  loop.take(received(true));
  await time.pass(3000);
  assertEquals(shown.length, 2, "a frame ends it");
  loop.end();
});

timeTest("NoSignalLoop shows the last frame again when the sender is heard again", async (time) => {
  const shown: Frame[] = [];
  const loop = new NoSignalLoop((frame) => (shown.push(frame), Promise.resolve()));
  loop.follow({ type: "heard" }, "door");
  loop.take(received(true));
  loop.follow({ type: "heard" }, "door");
  assertEquals(shown, []);
  loop.follow({ type: "silent", reason: "?" }, "door");
  await time.pass(0);
  loop.follow({ type: "heard" }, "door");
  await time.pass(5000);
  assertEquals(shown.length, 2);
  assert(shown[1] === picture);
  loop.end();
});
