// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { type Colors, HalfBlocks, nearestColor, TOLERANCE } from "../../lib/display/half_blocks.ts";
import { type Color, Emulator } from "../support/emulator.ts";
import { Random } from "../support/random.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const RED = [255, 0, 0];
const BLUE = [0, 0, 255];
const GREY = [128, 128, 128];
const NEAR_RED = [255 - TOLERANCE, TOLERANCE, 0];
const NOT_NEAR_RED = [255 - TOLERANCE - 1, 0, 0];

test("draw() gives the fewest bytes for what has changed", () => {
  const cases: [
    what: string,
    colors: Colors,
    columns: number,
    pictures: number[][][],
    expected: string,
  ][] = [
    ["two colours", "true", 1, [[RED, BLUE]], "\x1b[1;1H\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[m"],
    ["of 256", 256, 1, [[RED, BLUE]], "\x1b[1;1H\x1b[38;5;196;48;5;21m▀\x1b[m"],
    ["one colour", "true", 1, [[RED, RED]], "\x1b[1;1H\x1b[48;2;255;0;0m \x1b[m"],
    ["nothing new", "true", 1, [[RED, BLUE], [RED, BLUE]], ""],
    ["nothing to be seen", "true", 1, [[RED, BLUE], [NEAR_RED, BLUE]], ""],
    [
      "a little that adds up",
      "true",
      1,
      [[RED, BLUE], [NEAR_RED, BLUE], [NOT_NEAR_RED, BLUE]],
      `\x1b[1;1H\x1b[38;2;${NOT_NEAR_RED.join(";")};48;2;0;0;255m▀\x1b[m`,
    ],
    [
      "colours kept from cell to cell",
      256,
      3,
      [[RED, RED, BLUE, BLUE, GREY, BLUE]],
      "\x1b[1;1H\x1b[38;5;196;48;5;21m▀\x1b[48;5;244m▀\x1b[48;5;21m \x1b[m",
    ],
    [
      "moves between what has changed",
      256,
      4,
      [Array(8).fill(RED), [BLUE, RED, BLUE, RED, BLUE, RED, BLUE, RED]],
      "\x1b[1;1H\x1b[48;5;21m \x1b[C \x1b[m",
    ],
    [
      "a longer move, and the next row",
      256,
      4,
      [Array(16).fill(RED), [
        ...[BLUE, RED, RED, BLUE, BLUE, RED, RED, BLUE],
        ...[RED, RED, RED, BLUE, RED, RED, RED, BLUE],
      ]],
      "\x1b[1;1H\x1b[48;5;21m \x1b[2C \x1b[2;4H \x1b[m",
    ],
  ];
  for (const [what, colors, columns, pictures, expected] of cases) {
    const blocks = new HalfBlocks({ columns, rows: pictures[0].length / columns / 2 }, colors);
    const drawn = pictures.map((pixels) => blocks.draw(Uint8Array.from(pixels.flat())));
    assertEquals(drawn.at(-1), expected, what);
  }
});

/** Red, green and blue of a colour that the text selects. */
function rgbOf(color: Color): number[] {
  const [kind, ...numbers] = color!.split(";").map(Number);
  return kind === 2 ? numbers : rgbOf256(numbers[0]);
}

/** As xterm defines its colours from 16 on. */
function rgbOf256(number: number): number[] {
  if (number >= 232) return Array(3).fill(8 + 10 * (number - 232));
  const level = (index: number) => index === 0 ? 0 : 55 + 40 * index;
  const cube = number - 16;
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
}

const distance = (a: ArrayLike<number>, b: number[]) =>
  b.reduce((sum, value, index) => sum + (value - a[index]) ** 2, 0);

test("nearestColor() finds the nearest of all from 16 to 255", () => {
  const palette = Array.from({ length: 240 }, (_, index) => rgbOf256(16 + index));
  const steps = [...Array.from({ length: 18 }, (_, index) => index * 15), 47, 48, 115, 116, 243];
  for (const red of steps) {
    for (const green of steps) {
      for (const blue of steps) {
        const color = [red, green, blue];
        const best = Math.min(...palette.map((candidate) => distance(color, candidate)));
        const found = nearestColor(red, green, blue);
        assert(found >= 16 && found <= 255, `${color}`);
        assertEquals(distance(color, rgbOf256(found)), best, `${color}`);
      }
    }
  }
});

for (const colors of ["true", 256] as const) {
  test(`draw() makes a terminal of ${colors} colours show every picture of a sequence`, () => {
    const random = new Random(1);
    for (const [columns, rows] of [[1, 1], [2, 1], [1, 3], [17, 5]]) {
      const blocks = new HalfBlocks({ columns, rows }, colors);
      assertEquals(blocks.size, { width: columns, height: 2 * rows });
      const terminal = new Emulator(columns, rows);
      // Some of few colours, some with noise, some with all of it.
      const picture = new Uint8Array(columns * rows * 2 * 3);
      for (let count = 0; count < 60; count++) {
        const [share, range] = [[5, 256], [100, 2], [50, 8], [100, 256]][count % 4];
        for (let at = 0; at < picture.length; at++) {
          if (random.below(100) < share) {
            picture[at] = range === 2
              ? random.below(2) * 255
              : picture[at] + random.below(range) - range / 2;
          }
        }
        terminal.write(blocks.draw(picture));
        for (let cell = 0; cell < columns * rows; cell++) {
          const [row, column] = [Math.floor(cell / columns), cell % columns];
          terminal.halves(cell).forEach((color, half) => {
            const at = 3 * ((2 * row + half) * columns + column);
            const pixel = [...picture.subarray(at, at + 3)];
            if (colors === 256) {
              const [r, g, b] = pixel;
              assertEquals(color, `5;${nearestColor(r, g, b)}`);
            } else {
              const shown = rgbOf(color);
              const isNear = pixel.every((value, index) =>
                Math.abs(value - shown[index]) <= TOLERANCE
              );
              assert(isNear, `${pixel} is shown as ${shown}`);
            }
          });
        }
      }
    }
  });
}
