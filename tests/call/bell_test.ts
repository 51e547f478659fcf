// The sound of a call that comes in.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ringing } from "../../lib/call/bell.ts";
import { CHANNELS, FRAMES_PER_MS } from "../../lib/playback/pcm.ts";

Deno.test("the bell rings and pauses, without a click, however it is cut into pieces", () => {
  const second = 1000 * FRAMES_PER_MS;
  const whole = ringing(0, 4 * second);
  const pieces: number[] = [];
  for (let frame = 0; frame < 4 * second; frame += 777) {
    pieces.push(...ringing(frame, Math.min(777, 4 * second - frame)));
  }
  assertEquals(pieces, [...whole]);
  const loudest = (fromMs: number, toMs: number) =>
    whole.subarray(fromMs * FRAMES_PER_MS * CHANNELS, toMs * FRAMES_PER_MS * CHANNELS)
      .reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
  assert(loudest(0, 1000) > 0.15);
  assertEquals(loudest(1300, 3000), 0);
  assert(loudest(3000, 4000) > 0.15);
  const steps = whole.map((sample, index) => Math.abs(sample - (whole[index - CHANNELS] ?? 0)));
  assert(steps.every((step) => step < 0.03));
});
