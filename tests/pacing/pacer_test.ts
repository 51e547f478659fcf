// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { RoundTrip } from "../../lib/protocol/clock_sync.ts";
import { Pacer } from "../../lib/pacing/pacer.ts";
import { Random } from "../support/random.ts";

/** The way from a camera to a display. */
interface Way {
  /** The round trip of a few bytes, in milliseconds. */
  roundTripMs: number;
  /** What the slowest stretch of the network carries, in bytes per millisecond, at a time. */
  bytesPerMs?: (time: number) => number;
  /** How long the display takes for a frame, at a time. */
  displayMs?: (time: number) => number;
  /** The network carries something else until then. */
  othersUntil?: number;
  /** Nothing moves in the network meanwhile. */
  stall?: { from: number; until: number };
  /** Acknowledgements are late by up to this. */
  jitterMs?: number;
  fps?: number;
  /** The size of a frame, by its number. */
  frameBytes?: (seq: number) => number;
  forMs: number;
}

interface Shown {
  /** When it was shown, and how old it was then. */
  time: number;
  ageMs: number;
}

/** What a simulation saw. */
interface Outcome {
  shown: Shown[];
  /** The most frames that were on their way at a time. */
  maxInFlight: number;
  /** How long a frame waited before the slowest stretch of the network, each in its turn. */
  queuedMs: number[];
  /** How much of the time the slowest stretch was in use. */
  utilisation: number;
}

/**
 * Carries frames over a way as a viewer of the sender and a receiver do: the
 * newest waits at the sender until the pacer lets it leave, with a ping before it once a
 * second; the receiver shows the newest it has, and acknowledges it after that. Time is
 * counted, not spent.
 */
function simulate(way: Way): Outcome {
  const { roundTripMs, stall, jitterMs = 0, fps = 30 } = way;
  const random = new Random(1);
  const pacer = new Pacer();
  const measured = new RoundTrip();
  const outcome: Outcome = { shown: [], maxInFlight: 0, queuedMs: [], utilisation: 0 };
  const events: { at: number; what: () => void }[] = [];
  const at = (time: number, what: () => void) => {
    const index = events.findLastIndex((event) => event.at <= time);
    events.splice(index + 1, 0, { at: time, what });
  };
  let now = 0;
  let waiting: { seq: number; time: number } | undefined; // at the sender
  let networkFreeAt = way.othersUntil ?? 0;
  let isPingDue = false;
  let arrived: { seq: number; time: number } | undefined; // at the receiver
  let isDisplaying = false;
  let busyMs = 0;

  const afterStall = (time: number) =>
    stall !== undefined && time >= stall.from && time < stall.until ? stall.until : time;

  const ping = () => {
    isPingDue = false;
    const asked = now;
    const starts = afterStall(Math.max(now, networkFreeAt));
    at(starts + roundTripMs, () => {
      measured.answered(asked, now);
      pacer.roundTripMs = measured.ms;
    });
  };

  const pump = () => {
    if (waiting === undefined) return;
    const freeAt = pacer.freeAt(isPingDue);
    if (freeAt > now) {
      if (freeAt !== Infinity) at(freeAt, pump);
      return;
    }
    if (isPingDue) ping();
    const frame = waiting;
    waiting = undefined;
    const frameBytes = way.frameBytes?.(frame.seq) ?? 40_000;
    pacer.sent(frame.seq, frameBytes, frame.time, now);
    outcome.maxInFlight = Math.max(outcome.maxInFlight, pacer.inFlight);
    const starts = afterStall(Math.max(now, networkFreeAt));
    const takesMs = frameBytes / (way.bytesPerMs?.(starts) ?? Infinity);
    outcome.queuedMs.push(starts - now);
    busyMs += takesMs;
    networkFreeAt = starts + takesMs;
    at(networkFreeAt + roundTripMs / 2, () => {
      arrived = frame;
      display();
    });
  };

  const display = () => {
    if (isDisplaying || arrived === undefined) return;
    const { seq, time } = arrived;
    arrived = undefined;
    isDisplaying = true;
    at(now + (way.displayMs?.(now) ?? 0), () => {
      isDisplaying = false;
      outcome.shown.push({ time: now, ageMs: now - time });
      at(afterStall(now) + roundTripMs / 2 + random.below(jitterMs + 1), () => {
        pacer.acked(seq, now);
        pump();
      });
      display();
    });
  };

  ping();
  for (let seq = 0; seq * 1000 / fps < way.forMs; seq++) {
    const time = seq * 1000 / fps;
    at(time, () => {
      pacer.offered(now);
      waiting = { seq, time };
      pump();
    });
  }
  for (let time = 1000; time < way.forMs; time += 1000) {
    at(time, () => {
      if (isPingDue || pacer.inFlight === 0) ping();
      else isPingDue = true;
    });
  }
  for (let event; (event = events.shift()) !== undefined && event.at <= way.forMs;) {
    now = event.at;
    event.what();
  }
  outcome.utilisation = busyMs / way.forMs;
  return outcome;
}

/** Frames shown in a second, between two times. */
function rate({ shown }: Outcome, from: number, until: number): number {
  return shown.filter(({ time }) => time >= from && time < until).length / (until - from) * 1000;
}

function oldest({ shown }: Outcome, from = 0, until = Infinity): number {
  return Math.max(
    ...shown.filter(({ time }) => time >= from && time < until).map(({ ageMs }) => ageMs),
  );
}

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const INTERVAL_MS = 1000 / 30;

test("simulate() by hand: a path without delays", () => {
  const outcome = simulate({ roundTripMs: 0, forMs: 1000 });
  assertEquals(outcome.shown.length, 30);
  assertEquals(oldest(outcome), 0);
  assertEquals(outcome.maxInFlight, 1);
});

test("Pacer never delays a frame on a fast link, whatever its round trip", () => {
  for (const roundTripMs of [0.2, 5, 50, 100, 300]) {
    for (const fps of [10, 30, 60, 120]) {
      const outcome = simulate({ roundTripMs, fps, bytesPerMs: () => 100_000, forMs: 10_000 });
      const actual = rate(outcome, 2000, 10_000);
      assert(actual > 0.98 * fps, `${actual} of ${fps} fps at ${roundTripMs} ms`);
      // Half the round trip, and no wait that grows.
      const oldestMs = oldest(outcome, 2000);
      assert(oldestMs < roundTripMs / 2 + 5, `${oldestMs} ms old at ${roundTripMs} ms, ${fps} fps`);
    }
  }
});

test("Pacer keeps at most one frame waiting before a slow network", () => {
  // 200 ms for every frame.
  const outcome = simulate({ roundTripMs: 0.2, bytesPerMs: () => 200, forMs: 20_000 });
  assert(oldest(outcome) <= 2 * 200 + INTERVAL_MS, `${oldest(outcome)} ms old`);
  assert(oldest(outcome, 4000) <= 1.2 * 200 + INTERVAL_MS, `${oldest(outcome, 4000)} ms old`);
  assert(outcome.utilisation > 0.9, `${outcome.utilisation} used`);
});

test("Pacer fills a long network without a queue in it", () => {
  for (const [mbits, roundTripMs] of [[8, 100], [2, 100], [8, 300], [5, 30]]) {
    const outcome = simulate({ roundTripMs, bytesPerMs: () => mbits * 125, forMs: 20_000 });
    const name = `${mbits} Mbit/s, ${roundTripMs} ms`;
    const frameMs = 40_000 / (mbits * 125);
    assert(outcome.utilisation > 0.9, `${name}: ${outcome.utilisation} used`);
    const queuedMs = Math.max(...outcome.queuedMs.slice(20));
    assert(queuedMs < frameMs / 2, `${name}: waited ${queuedMs} ms in the network`);
    const wayMs = roundTripMs / 2 + frameMs;
    assert(
      oldest(outcome, 5000) < wayMs + frameMs + INTERVAL_MS,
      `${name}: ${oldest(outcome, 5000)}`,
    );
  }
});

test("Pacer corrects a round trip that was overestimated", () => {
  for (const [mbits, roundTripMs] of [[2, 0.2], [2, 100], [5, 30]]) {
    const bytesPerMs = () => mbits * 125;
    const outcome = simulate({ roundTripMs, bytesPerMs, othersUntil: 150, forMs: 60_000 });
    const name = `${mbits} Mbit/s, ${roundTripMs} ms`;
    assert(outcome.queuedMs.some((ms) => ms > 50), `${name}: it was never wrong`);
    const queuedMs = Math.max(...outcome.queuedMs.slice(-100));
    assert(queuedMs < 5, `${name}: waited ${queuedMs} ms in the network`);
    assert(outcome.utilisation > 0.9, `${name}: ${outcome.utilisation} used`);
  }
});

test("Pacer fills a network with frames of all sizes and uneven acknowledgements", () => {
  const cases: [Partial<Way>, number][] = [
    [{ frameBytes: (seq) => seq % 10 === 0 ? 80_000 : 30_000 }, 0.9],
    [{ jitterMs: 20 }, 0.75],
    [{ frameBytes: (seq) => 20_000 + seq * 7919 % 40_000, jitterMs: 20 }, 0.75],
  ];
  for (const [more, least] of cases) {
    for (const roundTripMs of [1, 30, 100, 300]) {
      const outcome = simulate({ roundTripMs, bytesPerMs: () => 1000, forMs: 20_000, ...more });
      const queuedMs = Math.max(...outcome.queuedMs.slice(20));
      assert(outcome.utilisation > least, `${outcome.utilisation} used at ${roundTripMs} ms`);
      assert(queuedMs < 5, `waited ${queuedMs} ms in the network at ${roundTripMs} ms`);
    }
  }
});

test("Pacer keeps pace with a slow display, and at most one frame waiting before it", () => {
  for (const roundTripMs of [0.2, 20, 100]) {
    const outcome = simulate({ roundTripMs, displayMs: () => 150, forMs: 20_000 });
    const actual = rate(outcome, 4000, 20_000);
    assert(actual > 0.9 * 1000 / 150, `${actual} fps at ${roundTripMs} ms`);
    const oldestMs = oldest(outcome, 4000);
    assert(
      oldestMs <= 2 * 150 + roundTripMs / 2 + INTERVAL_MS,
      `${oldestMs} ms, ${roundTripMs} ms`,
    );
  }
});

test("Pacer has no more in flight during a stall than the round trip needs, and one", () => {
  for (const [roundTripMs, most] of [[0.2, 2], [30, 2], [100, 5]]) {
    const stall = { from: 5000, until: 15_000 };
    const outcome = simulate({ roundTripMs, bytesPerMs: () => 10_000, stall, forMs: 25_000 });
    assert(outcome.maxInFlight <= most, `${outcome.maxInFlight} at ${roundTripMs} ms`);
    const stale = outcome.shown.filter(({ ageMs }) => ageMs > 1000).length;
    assert(stale <= most, `${stale} stale frames shown at ${roundTripMs} ms`);
  }
});

test("Pacer recovers from a stall", () => {
  for (const roundTripMs of [0.2, 30, 100]) {
    const stall = { from: 5000, until: 15_000 };
    const outcome = simulate({ roundTripMs, bytesPerMs: () => 10_000, stall, forMs: 25_000 });
    const actual = rate(outcome, 18_000, 25_000);
    assert(actual > 29, `${actual} fps at ${roundTripMs} ms`);
    assert(oldest(outcome, 16_000) < roundTripMs / 2 + 2 * INTERVAL_MS);
  }
});

test("Pacer adapts to a change of the rate within a few frames", () => {
  for (const roundTripMs of [0.2, 100]) {
    for (const [before, after] of [[4000, 400], [400, 4000]]) {
      const bytesPerMs = (time: number) => time < 10_000 ? before : after;
      const outcome = simulate({ roundTripMs, bytesPerMs, forMs: 30_000 });
      const name = `${before} to ${after} bytes/ms at ${roundTripMs} ms`;
      const frameMs = 40_000 / after;
      const settled = 10_000 + 15 * Math.max(frameMs, roundTripMs);
      const expected = Math.min(30, 1000 / frameMs);
      const actual = rate(outcome, settled, 30_000);
      assert(actual > 0.9 * expected, `${name}: ${actual} of ${expected} fps`);
      const most = roundTripMs / 2 + 2 * frameMs + INTERVAL_MS;
      assert(oldest(outcome, settled) < most, `${name}: ${oldest(outcome, settled)} ms old`);
    }
  }
});

test("Pacer sends one frame at a time until it knows the round trip", () => {
  const pacer = new Pacer();
  pacer.offered(0);
  assert(pacer.freeAt() <= 0);
  pacer.sent(0, 100, 0, 0);
  assertEquals(pacer.freeAt(), Infinity);
  pacer.acked(0, 5);
  assert(pacer.freeAt() <= 5);
  pacer.sent(1, 100, 10, 10);
  assertEquals(pacer.freeAt(), Infinity);
});

test("Pacer.acked() returns the capture time of a frame in flight, once", () => {
  const pacer = new Pacer();
  for (const seq of [3, 4, 6]) pacer.sent(seq, 100, seq * 10, seq * 10 + 1);
  assertEquals(pacer.inFlight, 3);
  assertEquals(pacer.acked(2, 100), undefined, "before them all");
  assertEquals(pacer.inFlight, 3);
  assertEquals(pacer.acked(4, 100), 40, "with the one before it");
  assertEquals(pacer.inFlight, 1);
  assertEquals(pacer.acked(4, 100), undefined, "again");
  assertEquals(pacer.acked(5, 100), undefined, "never sent");
  assertEquals(pacer.acked(1000, 100), undefined, "after them all");
  assertEquals(pacer.inFlight, 0);
});
