/**
 * Pictures that can be told from each other on a screen.
 *
 * @module
 */

/** Their size. */
export const SIZE = "1280x720";

/** Steps of brightness: the left half of the middle counts by one, the right by STEPS. */
const STEPS = 12;
const [DARKEST, STEP] = [20, 18];
/** Brightness is not kept exactly by JPEG, nor by players. */
const TOLERANCE = 8;

/** How many pictures there are that can be told from each other. */
export const NUMBERS = STEPS * STEPS;

/** A filter for ffmpeg that writes its number into every picture, counted up to {@linkcode NUMBERS}. */
export const NUMBERED = (() => {
  const digit = `if(lt(X,1),mod(N,${STEPS}),mod(floor(N/${STEPS}),${STEPS}))`;
  const [width, height] = SIZE.split("x").map((side) => Number(side) / 3);
  return `format=gray,scale=2:1,geq=lum='${DARKEST}+${STEP}*${digit}',` +
    `scale=${Math.round(width / 2) * 4}:${Math.round(height / 2) * 2}:flags=neighbor`;
})();

/** The number of a picture by the brightness of its two halves. */
export function numberOf([left, right]: [number, number]): number | undefined {
  const digits = [left, right].map((level) => {
    const digit = Math.round((level - DARKEST) / STEP);
    const isOne = digit >= 0 && digit < STEPS &&
      Math.abs(level - DARKEST - STEP * digit) <= TOLERANCE;
    return isOne ? digit : NaN;
  });
  const number = digits[0] + STEPS * digits[1];
  return Number.isNaN(number) ? undefined : number;
}
