// How long the page's sound waits, with a sound card of whose time the test is the master.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { RATE, SoundQueue } from "../../lib/http/page/sound_queue.js";

const PACKET_S = 0.01;
const LENGTH = PACKET_S * RATE;

/** As much of Web Audio as the queue uses. */
class Card {
  state = "running";
  currentTime = 0;
  /** From when to when something is played, in seconds. */
  played: { from: number; to: number }[] = [];
  /** When the volume has which value. */
  volume: { at: number; value: number }[] = [];

  createGain() {
    const add = (value: number, at: number) => this.volume.push({ at, value });
    const gain = {
      setValueAtTime: add,
      linearRampToValueAtTime: add,
      cancelScheduledValues: (from: number) =>
        this.volume = this.volume.filter(({ at }) => at < from),
    };
    return { connect: () => {}, gain };
  }

  createBuffer(_channels: number, length: number, rate: number) {
    assertEquals(rate, RATE);
    return { length, copyToChannel: () => {} };
  }

  createBufferSource() {
    const source = {
      buffer: { length: 0 },
      connect: () => {},
      start: (from: number) => {
        assert(from >= this.currentTime && from > (this.played.at(-1)?.to ?? 0) - 1e-6);
        this.played.push({ from, to: from + source.buffer.length / RATE });
      },
    };
    return source;
  }

  /** The pauses since then, in seconds. */
  pauses(since = 0): number[] {
    return this.played.slice(1)
      .map(({ from }, index) => from - this.played[index].to)
      .filter((pause, index) => pause > 1e-6 && this.played[index].to > since);
  }
}

class Scene {
  readonly card = new Card();
  // deno-lint-ignore no-explicit-any -- of Web Audio it has what is used
  readonly queue = new SoundQueue(this.card as any, undefined as any);
  /** How long packets waited, in seconds. */
  waited: number[] = [];

  /** Lets packets come at these times. */
  come(times: number[]): void {
    for (const time of times) {
      this.card.currentTime = time;
      this.queue.put([new Float32Array(LENGTH), new Float32Array(LENGTH)]);
      this.waited.push(this.queue.waiting);
    }
  }
}

/** Every 10 ms, or as often as `interval` says, from `from` up to `to`, in seconds. */
function steadily(from: number, to: number, interval = PACKET_S): number[] {
  return Array.from({ length: Math.round((to - from) / interval) }, (_, n) => from + n * interval);
}

Deno.test("sound that comes steadily is played without a pause, and hardly waits", () => {
  const scene = new Scene();
  scene.come(steadily(1, 11));
  assertEquals(scene.card.pauses(), []);
  assert(Math.max(...scene.waited) < 0.03);
});

Deno.test("nothing is kept for later while the browser does not let it play", () => {
  const scene = new Scene();
  scene.card.state = "suspended";
  scene.come(steadily(1, 2));
  scene.card.state = "running";
  scene.come(steadily(2, 3));
  assertEquals(scene.card.played.length, 100);
  assert(Math.max(...scene.waited.slice(100)) < 0.03);
});

Deno.test("packets that come three at a time are played without a pause after some seconds", () => {
  const scene = new Scene();
  scene.come(steadily(1, 31, 0.03).flatMap((time) => [time, time + 1e-4, time + 2e-4]));
  assertEquals(scene.card.pauses(8), []);
  assert(Math.max(...scene.waited.slice(-300)) < 0.07);
});

Deno.test("what piled up while the network stood still is thrown away, and the rest made good", () => {
  const scene = new Scene();
  scene.come(steadily(1, 6));
  scene.come(Array.from({ length: 200 }, (_, index) => 8 + index * 1e-4));
  assert(scene.queue.waiting < 0.15);
  scene.come(steadily(8.02, 13));
  assert(Math.max(...scene.waited.slice(-100)) < 0.04);
  assertEquals(scene.card.pauses(8), []);
});

for (const [clock, factor] of [["slow", 1.001], ["fast", 0.999]] as const) {
  Deno.test(`a sound card that is ${clock} makes sound neither later nor ragged in two minutes`, () => {
    const scene = new Scene();
    scene.come(steadily(1, 121, PACKET_S / factor));
    assertEquals(scene.card.pauses(10), []);
    assert(Math.max(...scene.waited) < 0.04);
  });
}

Deno.test("sound fades out before a pause and in after it, and not between packets", () => {
  const scene = new Scene();
  scene.come(steadily(1, 2));
  const { to } = scene.card.played.at(-1)!;
  const volume = () => scene.card.volume.map(({ at, value }) => [Math.round(at * 1e6), value]);
  const us = (time: number) => Math.round(time * 1e6);
  const { from } = scene.card.played[0];
  const begin = [[us(from), 0], [us(from + 0.004), 1]];
  const end = [[us(to - 0.004), 1], [us(to), 0]];
  assertEquals(volume(), [...begin, ...end]);
  scene.come([3]);
  const again = scene.card.played.at(-1)!.from;
  assertEquals(volume().slice(4, 6), [[us(again), 0], [us(again + 0.004), 1]]);
});
