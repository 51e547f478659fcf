// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Silence, TICK_MS } from "../../lib/receive/silence.ts";

/** Lets time pass, with a frame every so often. @returns when it was silent for too long, in ms */
function silentAt(silence: Silence, ms: number, everyMs = Infinity): number | undefined {
  for (let passed = TICK_MS; passed <= ms; passed += TICK_MS) {
    silence.tick();
    if (silence.isLong) return passed;
    if (passed % everyMs === 0) {
      silence.heard();
      silence.frame();
    }
  }
  return undefined;
}

Deno.test("Silence of a sender that answers pings is too long after 2 s, and hopeless after 10 s", () => {
  const silence = new Silence();
  silence.answersPings = true;
  silence.frame();
  assertEquals(silentAt(silence, 60_000), 2000);
  assertEquals(silence.isHopeless, false);
  for (let ms = 2000; ms < 10_000; ms += TICK_MS) silence.tick();
  assertEquals([silence.isHopeless, silence.limitSeconds], [true, 10]);
  silence.heard();
  assertEquals([silence.isLong, silence.isHopeless], [false, false]);
});

for (const everyMs of [250, 8000, 60_000]) {
  Deno.test(`Silence follows a sender of pictures only, one every ${everyMs} ms`, () => {
    const silence = new Silence();
    silence.heard();
    silence.frame();
    assertEquals(silentAt(silence, 4 * everyMs, everyMs), undefined);
    assertEquals(silentAt(silence, 300_000), everyMs + 2000);
  });
}

Deno.test("Silence after a single picture is unknown, and hopeless after 10 s", () => {
  const silence = new Silence();
  silence.frame();
  assertEquals(silentAt(silence, 9750), undefined);
  assertEquals(silence.isHopeless, false);
  silence.tick();
  assertEquals(silence.isHopeless, true);
});
