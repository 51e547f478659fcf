// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { CELLS, MotionDetector } from "../../lib/receive/motion.ts";
import { Random } from "../support/random.ts";

const { width, height } = CELLS;
const SAMPLE_MS = 200;

/** The level of a cell at a time in seconds. */
type Scene = (x: number, y: number, seconds: number) => number;

/** What is there when nothing happens: dark and bright things, and a slope. */
const room: Scene = (x, y) => 40 + x * 2 + ((x >> 3) + (y >> 3)) % 3 * 20;

/** Looks at a scene for some seconds; noise is +-`noise` levels. */
function look(scene: Scene, seconds: number, { noise = 2, area = 1, random = new Random(1) } = {}) {
  const detector = new MotionDetector(area);
  const picture = new Uint8Array(width * height);
  return Array.from({ length: seconds * 1000 / SAMPLE_MS }, (_, sample) => {
    const at = sample * SAMPLE_MS / 1000;
    for (let cell = 0; cell < picture.length; cell++) {
      const level = scene(cell % width, Math.floor(cell / width), at) +
        random.below(2 * noise + 1) - noise;
      picture[cell] = Math.min(255, Math.max(0, Math.round(level)));
    }
    return { at, ...detector.add(picture, sample * SAMPLE_MS) };
  });
}

/** A box in front of a scene; `left` is its place. */
function box(behind: Scene, size: [number, number], left: (seconds: number) => number): Scene {
  const [across, down] = size;
  return (x, y, seconds) => {
    const from = left(seconds);
    const isBox = x >= from && x < from + across && y >= 10 && y < 10 + down;
    return isBox ? 10 : behind(x, y, seconds);
  };
}

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("MotionDetector sees no motion in noise, light, flicker and small clocks", () => {
  const after = (seconds: number) => Number(seconds >= 8);
  const cases: [string, Scene, number?][] = [
    ["nothing", room, 0],
    ["noise", room, 6],
    ["much noise", room, 20],
    ["slowly darker", (x, y, s) => room(x, y, s) * (1 - 0.6 * Math.min(1, s / 15))],
    ["slowly brighter", (x, y, s) => room(x, y, s) + 4 * s],
    ["half the light at once", (x, y, s) => room(x, y, s) * (1 - 0.5 * after(s))],
    ["twice the light, so that it clips", (x, y, s) => room(x, y, s) * (1 + after(s))],
    ["an offset at once", (x, y, s) => room(x, y, s) + 50 * after(s)],
    ["another gamma at once", (x, y, s) => 255 * (room(x, y, s) / 255) ** (1 - 0.5 * after(s))],
    ["a lamp for a half of it", (x, y, s) => room(x, y, s) + (x < 32 ? 40 * after(s) : 0)],
    ["light that sways", (x, y, s) => room(x, y, s) + 20 * Math.sin(s * 2)],
    [
      "single cells that flicker",
      (x, y, s) => x % 5 === 0 && y % 4 === 0 && Math.floor(s * 5) % 2 ? 255 : room(x, y, s),
    ],
    [
      "seconds of a clock in a corner",
      (x, y, s) => x < 3 && y < 3 ? 60 + Math.floor(s) % 3 * 70 : room(x, y, s),
    ],
  ];
  for (const [what, scene, noise = 2] of cases) {
    for (let seed = 0; seed < 3; seed++) {
      const samples = look(scene, 20, { noise, random: new Random(seed) });
      const moving = samples.filter(({ isMotion }) => isMotion);
      assertEquals(moving, [], `${what}, seed ${seed}`);
    }
  }
});

test("MotionDetector sees what moves, and how much of the picture that is", () => {
  const moving = (seconds: number) => seconds < 8 ? -99 : (seconds - 8) * 12 % (width + 20) - 20;
  const darker: Scene = (x, y, s) => room(x, y, s) * (1 - 0.5 * Math.min(1, s / 15));
  const cases: [string, Scene, number, number, [number, number]][] = [
    ["1 %", box(room, [6, 4], moving), 2, 1, [0.9, 2.5]],
    ["1 % in much noise", box(room, [6, 4], moving), 8, 1, [0.9, 2.5]],
    ["3 %", box(room, [10, 7], moving), 2, 1, [2.5, 7]],
    ["3 % while it gets dark", box(darker, [10, 7], moving), 2, 1, [2.5, 7]],
    ["20 %", box(room, [23, 20], moving), 2, 1, [18, 45]],
    ["half of it", box(room, [44, 26], moving), 2, 1, [30, 100]],
    ["0.4 %, if that is asked for", box(room, [4, 2], moving), 2, 0.3, [0.3, 1]],
  ];
  for (const [what, scene, noise, area, [least, most]] of cases) {
    const samples = look(scene, 16, { noise, area });
    const first = samples.find(({ isMotion }) => isMotion);
    assert(first !== undefined && first.at >= 8 && first.at <= 10, `${what}: ${first?.at}`);
    const highest = Math.max(...samples.map(({ score }) => score));
    assert(highest >= least && highest <= most, `${what}: ${highest}`);
  }
});

test("MotionDetector sees nothing in a box smaller than the area", () => {
  const small = box(room, [4, 2], (s) => s * 12 % width);
  assertEquals(look(small, 20).filter(({ isMotion }) => isMotion), []);
});

test("MotionDetector sees a camera that is turned, and one whose lens is covered slowly", () => {
  const turned: Scene = (x, y, s) => {
    const [across, down] = [x + 30 * Math.max(0, s - 8), y + 20 * Math.max(0, s - 8)];
    return 60 + 50 * Math.sin(across / 5) + 50 * Math.cos(down / 4);
  };
  const covered: Scene = (x, y, s) => x < (s - 8) * 40 ? 5 : room(x, y, s);
  for (const scene of [turned, covered]) {
    const first = look(scene, 12).find(({ isMotion }) => isMotion);
    assert(first !== undefined && first.at >= 8 && first.at <= 10, `${first?.at}`);
  }
});

test("MotionDetector takes what stays, and what always changes, for the background in the end", () => {
  const parked = box(room, [14, 12], (s) => s < 8 ? -99 : Math.min(30, (s - 8) * 12));
  const large: Scene = (x, y, s) => {
    const digit = x >= 4 && x < 14 && y >= 2 && y < 6; // 1.7 %
    return digit && s > 8 ? 70 + 60 * (Math.floor(s) % 2) : room(x, y, s);
  };
  for (const [what, scene, end] of [["parked", parked, 40], ["clock", large, 90]] as const) {
    const samples = look(scene, end + 30);
    assert(samples.some(({ isMotion }) => isMotion), `${what} is seen`);
    const late = samples.filter(({ at, isMotion }) => at > end && isMotion);
    assertEquals(late, [], what);
  }
});

test("MotionDetector sees what moves where something has stayed", () => {
  const parked = box(room, [14, 12], (s) => s < 8 ? -99 : 30);
  const passing: Scene = (x, y, s) => {
    const left = (s - 60) * 12;
    return x >= left && x < left + 6 && y > 12 && y < 20 ? 200 : parked(x, y, s);
  };
  const samples = look(passing, 65);
  assert(!samples.some(({ at, isMotion }) => at > 40 && at < 60 && isMotion));
  assert(samples.some(({ at, isMotion }) => at > 60 && isMotion));
});

test("MotionDetector needs more than one sample", () => {
  const samples = look((x, y, s) => room(x, y, s) + (s === 9 && x < 12 ? 90 : 0), 15);
  assert(samples.some(({ score }) => score > 10), "it is seen");
  assertEquals(samples.filter(({ isMotion }) => isMotion), []);
});
