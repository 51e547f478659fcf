import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { LipSync } from "../../lib/playback/lip_sync.ts";

/** Lets sound follow what it is held back by, slowly, while pictures are `pictureMs` late. */
function simulate(lipSync: LipSync, pictureMs: number, seconds: number, from = 60, at = 0): number {
  let soundMs = from;
  for (let ms = 0; ms < seconds * 1000; ms += 20) {
    lipSync.picture(pictureMs);
    const aim = 60 + lipSync.holdMs(soundMs, at + ms);
    soundMs += Math.max(-2, Math.min(2, aim - soundMs)); // as Playout does: 10 %
  }
  return soundMs;
}

Deno.test("LipSync does not slow sound down for pictures that are quick", () => {
  const lipSync = new LipSync();
  assertEquals(simulate(lipSync, 20, 30), 60);
  assertEquals(lipSync.holdMs(60, 1e6), 0);
});

Deno.test("LipSync holds sound back until it is heard just before a late picture is seen", () => {
  const lipSync = new LipSync();
  const soundMs = simulate(lipSync, 300, 30);
  assert(soundMs < 300 + 28, `${soundMs} ms`);
  assertAlmostEquals(soundMs, 300 + 28 - 40, 20);
  // And lets it go when pictures are quick again.
  assertAlmostEquals(simulate(lipSync, 10, 60, soundMs, 30_000), 60, 20);
});

Deno.test("LipSync holds sound back for at most 400 ms, and for nothing that is not known", () => {
  const lipSync = new LipSync();
  assertEquals(lipSync.holdMs(60, 0), 0);
  assertAlmostEquals(simulate(lipSync, 5000, 120), 460, 1);
  assertEquals(new LipSync().holdMs(undefined, 0), 0);
});
