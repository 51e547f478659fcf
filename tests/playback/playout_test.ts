import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { CHANNELS, FRAMES_PER_MS, type Pcm, silence } from "../../lib/playback/pcm.ts";
import { Playout } from "../../lib/playback/playout.ts";
import { Random } from "../support/random.ts";

const PACKET_MS = 10;
const TAKE_MS = 5;

/** Sample frames in a period of the tone, 480 Hz. */
const PERIOD = 100;
const ONE_PERIOD = Array.from(
  { length: PERIOD },
  (_, index) => 0.5 * Math.sin(2 * Math.PI * index / PERIOD),
);

/** A tone that never stops, from a time on. */
function tone(fromMs: number, ms: number): Pcm {
  const pcm = silence(Math.round(ms * FRAMES_PER_MS));
  const from = Math.round(fromMs * FRAMES_PER_MS);
  for (let index = 0; index < pcm.length; index++) {
    pcm[index] = ONE_PERIOD[(from + Math.floor(index / CHANNELS)) % PERIOD];
  }
  return pcm;
}

/** The steepest step of {@linkcode tone} from a sample to the next. */
const STEEPEST = 0.5 * 2 * Math.PI / PERIOD;

interface World {
  /** How long the sound lasts, in milliseconds. */
  forMs: number;
  /** How much faster the sound card is than the microphone. */
  drift?: number;
  /** How late a packet arrives; undefined if it is lost. */
  lateMs?: (packet: number) => number | undefined;
  /** Called after every piece taken. */
  onTaken?: (atMs: number, delayMs: number) => void;
}

/** Plays a tone through a simulated network to a simulated sound card. */
function simulate(playout: Playout, { forMs, drift = 0, lateMs = () => 0, onTaken }: World) {
  let [steepest, silentMs, last] = [0, 0, 0];
  let packet = 0;
  let arrived = 0; // TCP keeps the order
  let isAfterGap = false;
  const arrival = () => {
    for (;; packet++) {
      const late = lateMs(packet);
      if (late !== undefined) return Math.max(arrived, (packet + 1) * PACKET_MS + late);
      isAfterGap = true;
    }
  };
  for (let due = arrival(), now = 0; now < forMs; now += TAKE_MS / (1 + drift)) {
    for (; due <= now; packet++, due = arrival()) {
      arrived = due;
      const timeMs = packet * PACKET_MS;
      playout.put({ pcm: tone(timeMs, PACKET_MS), timeMs, isAfterGap });
      isAfterGap = false;
    }
    const delayMs = now - (playout.nextMs ?? now);
    const taken = playout.take(TAKE_MS * FRAMES_PER_MS);
    let isSilent = true;
    for (let index = 0; index < taken.length; index += CHANNELS) {
      steepest = Math.max(steepest, Math.abs(taken[index] - last));
      last = taken[index];
      if (Math.abs(last) > 0.01) isSilent = false;
    }
    if (isSilent) silentMs += TAKE_MS;
    onTaken?.(now, delayMs);
  }
  return { steepest, silentMs };
}

Deno.test("Playout keeps the delay for half an hour although the sound card is faster or slower", () => {
  for (const drift of [3e-4, -3e-4]) {
    let [least, most] = [Infinity, 0];
    const { steepest, silentMs } = simulate(new Playout(), {
      forMs: 1_800_000,
      drift,
      onTaken: (atMs, delayMs) => {
        if (atMs < 10_000) return;
        least = Math.min(least, delayMs);
        most = Math.max(most, delayMs);
      },
    });
    // It would be half a second without correction.
    assert(most < 40 && most - least < 30, `${least} to ${most} ms`);
    assert(silentMs < 100, `${silentMs} ms of silence`);
    assert(steepest < 1.5 * STEEPEST, `a step of ${steepest}`);
  }
});

Deno.test("Playout waits longer where packets come unsteadily, and less when they are steady again", () => {
  const random = new Random(7);
  const playout = new Playout();
  const delays: number[] = [];
  const { silentMs, steepest } = simulate(playout, {
    forMs: 60_000,
    lateMs: (packet) => packet < 3000 ? random.below(30) : 0,
    onTaken: (_at, delayMs) => delays.push(delayMs),
  });
  const meanOf = (from: number, to: number) => {
    const part = delays.slice(from / TAKE_MS, to / TAKE_MS);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  };
  const [unsteady, steady] = [meanOf(10_000, 30_000), meanOf(50_000, 60_000)];
  assert(unsteady > 25 && unsteady < 70, `${unsteady} ms`);
  assert(steady < unsteady - 5 && steady < 40, `${steady} ms`);
  assert(silentMs < 300, `${silentMs} ms of silence`);
  assert(steepest < 2 * STEEPEST, `a step of ${steepest}`);
});

Deno.test("Playout throws away what waited while the network stood still", () => {
  const playout = new Playout();
  const after: number[] = [];
  const { silentMs, steepest } = simulate(playout, {
    forMs: 30_000,
    lateMs: (packet) => Math.max(0, packet < 1000 ? 0 : 20_000 - (packet + 1) * PACKET_MS),
    onTaken: (atMs, delayMs) => atMs > 20_010 && after.push(delayMs),
  });
  assert(Math.max(...after) < 200, `${Math.max(...after)} ms`);
  assert(Math.max(...after.slice(4000 / TAKE_MS)) < 45);
  assertAlmostEquals(silentMs, 10_000, 150);
  assert(steepest < 2 * STEEPEST, `a step of ${steepest}`);
});

Deno.test("Playout fades over lost packets, and keeps the delay", () => {
  const playout = new Playout();
  const delays: number[] = [];
  const { silentMs, steepest } = simulate(playout, {
    forMs: 20_000,
    lateMs: (packet) => packet >= 1000 && packet < 1050 || packet === 1500 ? undefined : 0,
    onTaken: (_at, delayMs) => delays.push(delayMs),
  });
  assertAlmostEquals(silentMs, 500, 60); // half a second, and 10 ms that are continued
  assert(steepest < 2 * STEEPEST, `a step of ${steepest}`);
  assertAlmostEquals(delays.at(-1)!, delays[1900], 6);
});

Deno.test("Playout holds sound back for a late picture, and stops that", () => {
  const playout = new Playout();
  const delays: number[] = [];
  simulate(playout, {
    forMs: 20_000,
    onTaken: (atMs, delayMs) => {
      playout.holdMs = atMs > 5000 && atMs < 12_000 ? 120 : 0;
      delays.push(delayMs);
    },
  });
  const at = (ms: number) => delays[ms / TAKE_MS];
  assert(at(4000) < 40);
  assertAlmostEquals(at(11_000), at(4000) + 120, 15);
  assert(at(19_000) < 45, `${at(19_000)}`);
});

Deno.test("Playout plays silence until something comes", () => {
  const playout = new Playout();
  assertEquals(playout.take(480), silence(480));
  assertEquals([playout.levelMs, playout.nextMs], [0, undefined]);
});
