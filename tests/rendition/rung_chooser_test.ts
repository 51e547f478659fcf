// Simulated links: time is counted, not spent.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ladderOf } from "../../lib/rendition/ladder.ts";
import { type Preference, RungChooser } from "../../lib/rendition/rung_chooser.ts";
import { Pacer } from "../../lib/send/pacer.ts";
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
      msPerByte: pacer.linkMsPerByte,
      overdueMs: pacer.overdueMs(now),
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
        at(now + roundTripMs / 2 + random.below(jitterMs + 1), () => {
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
for (const [mbit, rtt] of [[8,2],[2,2],[1,2],[0.5,2],[2,100],[20,2],[100,2],[4,30],[0.25,2]]) {
  for (const prefer of ["balanced","smooth"] as const) {
  const { shown, changes } = simulate({ bytesPerMs: () => mbit * MEGABIT, roundTripMs: rtt, forMs: 60_000, prefer });
  console.log(mbit, rtt, prefer, "fps", fps(shown, 5000, 60000).toFixed(1), "p50", age(shown,5000,60000,.5).toFixed(0), "p99", age(shown,5000,60000,.99).toFixed(0), "max", age(shown,0,60000,1).toFixed(0), "changes after 5 s", changes.filter(t=>t>5000).length, "rungs", [...new Set(between(shown,5000,60000).map(s=>s.rung))].join());
  }
}
{ const r = (t:number)=> (Math.floor(t/10000)%2===0?20:1)*MEGABIT;
const { shown, changes } = simulate({ bytesPerMs: r, forMs: 60_000 });
console.log("steps max age", age(shown,0,60000,1), changes.map(t=>(t/1000).toFixed(2)).join(" "));
for (let t=0;t<60000;t+=1000) { const b=between(shown,t,t+1000); console.log(t/1000, b.length, b.map(s=>s.rung).join("").slice(0,40), age(shown,t,t+1000,1).toFixed(0)); } }
