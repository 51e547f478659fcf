// Simulated links: time is counted, not spent.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ladderOf } from "../../lib/rendition/ladder.ts";
import { type Preference, RungChooser } from "../../lib/rendition/rung_chooser.ts";
import { Pacer } from "../../lib/pacing/pacer.ts";
import { Random } from "../support/random.ts";

/** A link between a sender and a viewer. */
interface Way {
  /** What it carries, in bytes per millisecond, at a time. */
  bytesPerMs: (time: number) => number;
  roundTripMs?: number;
  /** Bytes that pass at once after a pause, as a token bucket lets them. */
  burst?: number;
  /** Acknowledgements are late by up to this. */
  jitterMs?: number;
  /** A machine answers late by this, whatever the size. */
  lateMs?: number;
  /** How long the display takes for a frame. */
  displayMs?: number;
  fps?: number;
  /** Bytes of a frame of the source. */
  bytes?: number;
  prefer?: Preference;
  forMs: number;
}

interface Shown {
  time: number;
  ageMs: number;
  rung: number;
}

const LADDER = ladderOf({ size: { width: 1280, height: 720 }, qscale: 5 });

/** Carries the newest frame of the rung that is chosen, as a sender and a receiver do. */
function simulate(way: Way): { shown: Shown[]; changes: number[] } {
  const { roundTripMs = 2, burst = 16_000, jitterMs = 0, fps = 30, bytes = 50_000 } = way;
  const sizes = LADDER.map(({ share }) => share * bytes);
  const chooser = new RungChooser();
  const pacer = new Pacer();
  pacer.roundTripMs = roundTripMs;
  pacer.lateMs = way.lateMs ?? 0;
  const random = new Random(7);
  const events: { at: number; what: () => void }[] = [];
  const at = (time: number, what: () => void) => {
    const index = events.findLastIndex((event) => event.at <= time);
    events.splice(index + 1, 0, { at: time, what });
  };
  const shown: Shown[] = [];
  const changes: number[] = [];
  let now = 0;
  let waiting: { seq: number; time: number } | undefined;
  let [tokens, filledAt, freeAt, displayFreeAt, rung] = [burst, 0, 0, 0, 0];

  const choose = () => {
    const before = rung;
    rung = chooser.choose({
      now,
      msPerByte: pacer.linkMsPerByte(now),
      latestMsPerByte: pacer.latestMsPerByte,
      isOverdue: pacer.isOverdue(now),
      fps: pacer.fps,
      bytes: sizes,
    }, way.prefer ?? "balanced");
    if (rung !== before) changes.push(now);
  };

  /** When the last of `size` bytes has passed, if they come now. */
  const pass = (size: number): number => {
    let time = Math.max(now, freeAt);
    tokens = Math.min(burst, tokens + (time - filledAt) * way.bytesPerMs(time));
    const fromBucket = Math.min(tokens, size);
    tokens -= fromBucket;
    // A millisecond at a time, because the rate may change on the way.
    for (let rest = size - fromBucket; rest > 0;) {
      const step = Math.min(rest, way.bytesPerMs(time));
      rest -= step;
      time += step / way.bytesPerMs(time);
    }
    return filledAt = freeAt = time;
  };

  const pump = () => {
    if (waiting === undefined) return;
    const free = pacer.freeAt();
    if (free > now) {
      if (free !== Infinity) at(free, pump);
      return;
    }
    const { seq, time } = waiting;
    waiting = undefined;
    const size = sizes[rung] * (0.9 + random.below(21) / 100);
    const sentRung = rung;
    pacer.sent(seq, size, time, now);
    at(pass(size) + roundTripMs / 2, () => {
      const arrivedAt = now;
      displayFreeAt = Math.max(now, displayFreeAt) + (way.displayMs ?? 0);
      at(displayFreeAt, () => {
        shown.push({ time: now, ageMs: now - time, rung: sentRung });
        const heldMs = now - arrivedAt;
        at(now + roundTripMs / 2 + random.below(jitterMs + 1) + (way.lateMs ?? 0), () => {
          pacer.acked(seq, now, heldMs);
          choose();
          pump();
        });
      });
    });
  };

  for (let seq = 0; seq * 1000 / fps < way.forMs; seq++) {
    const time = seq * 1000 / fps;
    at(time, () => {
      pacer.offered(now);
      choose();
      waiting = { seq, time };
      pump();
    });
  }
  for (let event; (event = events.shift()) !== undefined && event.at <= way.forMs;) {
    now = event.at;
    event.what();
  }
  return { shown, changes };
}

function between(shown: Shown[], from: number, until: number): Shown[] {
  return shown.filter(({ time }) => time >= from && time < until);
}

function fps(shown: Shown[], from: number, until: number): number {
  return between(shown, from, until).length / (until - from) * 1000;
}

function age(shown: Shown[], from: number, until: number, quantile: number): number {
  const ages = between(shown, from, until).map(({ ageMs }) => ageMs).sort((a, b) => a - b);
  return ages[Math.min(ages.length - 1, Math.floor(ages.length * quantile))];
}

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const MEGABIT = 125; // bytes per millisecond

/** Steady links: what is shown from 5 s on, and how often the rung changes then in 55 s. */
const STEADY: [string, Omit<Way, "forMs">, { fps: number; p99: number; changes: number }][] = [
  ["100 Mbit/s", { bytesPerMs: () => 100 * MEGABIT }, { fps: 29.5, p99: 10, changes: 0 }],
  ["20 Mbit/s", { bytesPerMs: () => 20 * MEGABIT }, { fps: 29.5, p99: 40, changes: 0 }],
  ["8 Mbit/s", { bytesPerMs: () => 8 * MEGABIT }, { fps: 28, p99: 100, changes: 4 }],
  ["2 Mbit/s", { bytesPerMs: () => 2 * MEGABIT }, { fps: 24, p99: 200, changes: 36 }],
  ["1 Mbit/s", { bytesPerMs: () => MEGABIT }, { fps: 15, p99: 200, changes: 36 }],
  ["512 kbit/s", { bytesPerMs: () => MEGABIT / 2 }, { fps: 12, p99: 300, changes: 36 }],
  ["256 kbit/s", { bytesPerMs: () => MEGABIT / 4 }, { fps: 12, p99: 400, changes: 36 }],
  [
    "2 Mbit/s without bursts",
    { bytesPerMs: () => 2 * MEGABIT, burst: 1 },
    { fps: 24, p99: 200, changes: 4 },
  ],
  [
    "2 Mbit/s, 100 ms round trip",
    { bytesPerMs: () => 2 * MEGABIT, roundTripMs: 100 },
    { fps: 20, p99: 300, changes: 36 },
  ],
  [
    "2 Mbit/s, 40 ms round trip, late acknowledgements",
    { bytesPerMs: () => 2 * MEGABIT, roundTripMs: 40, jitterMs: 40 },
    { fps: 15, p99: 400, changes: 60 },
  ],
  [
    "2 Mbit/s, large pictures at 60 fps",
    { bytesPerMs: () => 2 * MEGABIT, fps: 60, bytes: 150_000 },
    { fps: 15, p99: 300, changes: 36 },
  ],
];

for (const [what, way, expected] of STEADY) {
  test(`RungChooser finds what fits ${what}, and stays there`, () => {
    const { shown, changes } = simulate({ ...way, forMs: 60_000 });
    const seen = {
      fps: fps(shown, 5000, 60_000),
      p99: age(shown, 5000, 60_000, 0.99),
      changes: changes.filter((time) => time > 5000).length,
    };
    assert(seen.fps >= expected.fps, JSON.stringify(seen));
    assert(seen.p99 <= expected.p99, JSON.stringify(seen));
    assert(seen.changes <= expected.changes, JSON.stringify(seen));
  });
}

/** 20, 1, 20, 1, ... Mbit/s, 10 s each. */
const steps = (time: number) => (Math.floor(time / 10_000) % 2 === 0 ? 20 : 1) * MEGABIT;

test("RungChooser follows a step down within a second, and a step up within 5 s", () => {
  const { shown, changes } = simulate({ bytesPerMs: steps, forMs: 60_000 });
  assert(age(shown, 0, 60_000, 1) <= 1500);
  for (const down of [10_000, 30_000, 50_000]) {
    assert(changes.some((time) => time > down && time < down + 1000));
    assert(fps(shown, down + 2000, down + 10_000) >= 15);
  }
  for (const up of [20_000, 40_000]) {
    assert(between(shown, up + 5000, up + 10_000).every(({ rung }) => rung === 0));
  }
});

test("RungChooser follows a link that becomes slower and faster little by little", () => {
  const bytesPerMs = (time: number) => (1 + 9 * Math.abs(time / 10_000 % 2 - 1)) * MEGABIT;
  const { shown } = simulate({ bytesPerMs, forMs: 60_000 });
  assert(fps(shown, 5000, 60_000) >= 15);
  assert(age(shown, 5000, 60_000, 0.99) <= 500);
});

test("RungChooser survives bursts of loss: a link that stands still for a moment", () => {
  const bytesPerMs = (time: number) => time % 5000 < 300 ? MEGABIT / 100 : 4 * MEGABIT;
  const { shown } = simulate({ bytesPerMs, forMs: 60_000 });
  assert(fps(shown, 5000, 60_000) >= 15);
  assert(age(shown, 0, 60_000, 1) <= 1500);
});

test("RungChooser does not blame the link for a slow display", () => {
  const { changes } = simulate({
    bytesPerMs: () => 100 * MEGABIT,
    displayMs: 150,
    forMs: 30_000,
  });
  assertEquals(changes, []);
});

test("RungChooser does not blame a fast link for a machine that answers late", () => {
  const { changes } = simulate({ bytesPerMs: () => 100 * MEGABIT, lateMs: 30, forMs: 30_000 });
  assertEquals(changes, []);
});

test("RungChooser finds what fits a slow link, also if pings have waited in it", () => {
  const way = { bytesPerMs: () => 2 * MEGABIT, forMs: 60_000 };
  const { shown } = simulate({ ...way, lateMs: 10 });
  assert(fps(shown, 5000, 60_000) >= 20);
  assert(age(shown, 5000, 60_000, 0.99) <= 250);
});

test("RungChooser keeps to what the viewer prefers", () => {
  const bytesPerMs = () => MEGABIT / 2;
  const rungs = (prefer: Preference) => {
    const { shown } = simulate({ bytesPerMs, prefer, forMs: 30_000 });
    return between(shown, 10_000, 30_000).map(({ rung }) => rung);
  };
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  assert(rungs("sharp").every((rung) => rung === 0));
  assert(mean(rungs("smooth")) >= mean(rungs("balanced")));
  assert(rungs("smooth").length > rungs("sharp").length * 10);
});

test("RungChooser waits longer before each further trial of a rung that failed", () => {
  const { changes } = simulate({ bytesPerMs: () => 2 * MEGABIT, forMs: 300_000 });
  const [first, last] = [
    changes.filter((time) => time < 60_000),
    changes.filter((time) => time > 240_000),
  ];
  assert(last.length < first.length / 2, `${first.length} changes, then ${last.length}`);
});

test("RungChooser does nothing before the link was measured, or without a ladder", () => {
  const chooser = new RungChooser();
  const unknown = { msPerByte: undefined, latestMsPerByte: undefined, isOverdue: false };
  const link = { ...unknown, now: 0, fps: 30, bytes: [1000, 500] };
  assertEquals(chooser.choose(link, "smooth"), 0);
  assertEquals(chooser.choose({ ...link, msPerByte: 1, bytes: [1000] }, "smooth"), 0);
});
