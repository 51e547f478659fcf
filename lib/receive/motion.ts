/**
 * Motion detection in a sequence of small grey pictures.
 *
 * Each cell (a pixel of these pictures) is compared with a background that follows it slowly. It
 * counts as changed when it differs by more than its own usual noise. Motion (`noise_tune`,
 * `despeckle_filter`, `smart_mask_speed`, `lightswitch_percent`) and Frigate (`frame_alpha`,
 * `lightning_threshold`) work alike, with one noise level for the whole picture. ffmpeg's
 * `select=gt(scene,…)` and `scdet` compare with the previous picture by the mean difference. That
 * finds cuts, but a person in a part of the picture changes the mean less than a cloud does.
 *
 * @module
 */

/** Columns and rows of cells: 1 % of a picture is 23 cells. */
export const CELLS = { width: 64, height: 36 } as const;

/** Samples to learn from before anything counts: cameras first adjust their exposure. */
const LEARNING_SAMPLES = 10;
/** Time constant of the background for an unchanged cell: it follows slow changes of light. */
const STILL_MS = 4000;
/** The same for a cell that has changed and is steady since the previous sample: a parked car. */
const SETTLED_MS = 5000;
/** The same for a cell that keeps changing, and for its noise: a tree in the wind, a clock. */
const CHANGED_MS = 60_000;
/** A longer gap between samples counts as this long. */
const MAX_STEP_MS = 1000;
/** The smallest difference that counts, in levels of 255: a quantisation step of JPEG at low quality. */
const MIN_LEVELS = 10;
/** The largest threshold that noise can lead to, in levels. */
const MAX_LEVELS = 60;
/** Threshold in mean deviations of a cell: 4 sigmas of Gaussian noise. */
const DEVIATIONS = 5;
/** A cell counts only if this many of its eight neighbours have changed too: no single flicker. */
const MIN_NEIGHBOURS = 2;
/**
 * If the changed share grows by this much in one sample, the light has changed, and the picture
 * becomes the background. A moving object keeps changing and counts in the next samples.
 */
const LIGHT_SHARE = 0.25;
/** The same when the whole picture has become brighter or darker too. */
const SHIFTED_LIGHT_SHARE = 0.01;
/** Consecutive samples of changing light: lamps flicker at the start, exposure settles. */
const LIGHT_SAMPLES = 5;
/** Levels at which a sensor saturates. */
const [DARK, BRIGHT] = [4, 251];
/** How often the change of light is fitted again, to the cells that agree with the last fit. */
const FIT_ROUNDS = 3;
/** Largest factor of a change of light. */
const MAX_GAIN = 4;

/** The area must have changed in ENOUGH of the last OF samples: a bird at the lens is not enough. */
const [ENOUGH, OF] = [2, 3];

/** The result for one picture. */
export interface MotionSample {
  /** The changed share of the picture, in percent; 0 while learning. */
  score: number;
  /** Whether there is motion, considering the previous samples too. */
  isMotion: boolean;
}

/** Detects motion in pictures of {@linkcode CELLS}. */
export class MotionDetector {
  #areaPercent: number;
  #recent: number[] = [];
  #background = new Float32Array(CELLS.width * CELLS.height);
  #last = new Uint8Array(this.#background.length);
  /** The usual difference of each cell from its background. */
  #noise = new Float32Array(this.#background.length);
  #changed = new Uint8Array(this.#background.length);
  #samples = 0;
  #share = 0;
  #lightSamples = 0;
  #at = 0;

  /** @param areaPercent how much of the picture must change */
  constructor(areaPercent: number) {
    this.#areaPercent = areaPercent;
  }

  /**
   * Takes the next picture.
   *
   * @param picture the levels of all cells, row by row
   * @param timeMs when, on any clock
   */
  add(picture: Uint8Array, timeMs: number): MotionSample {
    const score = this.#score(picture, timeMs);
    this.#last.set(picture);
    this.#recent = [...this.#recent, score].slice(-OF);
    const changed = this.#recent.filter((score) => score >= this.#areaPercent);
    return { score, isMotion: changed.length >= ENOUGH };
  }

  #score(picture: Uint8Array, timeMs: number): number {
    const stepMs = Math.min(MAX_STEP_MS, timeMs - this.#at);
    this.#at = timeMs;
    if (this.#samples++ === 0) {
      this.#background.set(picture);
      this.#noise.fill(MIN_LEVELS / DEVIATIONS / 2);
      return 0;
    }
    const shift = this.#followLight(picture);
    this.#compare(picture);
    const share = shareOf(this.#changed);
    const lightShare = shift > MIN_LEVELS ? SHIFTED_LIGHT_SHARE : LIGHT_SHARE;
    if (share - this.#share > lightShare && this.#lightSamples < LIGHT_SAMPLES) {
      this.#lightSamples++;
      this.#share = 0;
      this.#background.set(picture);
      return 0;
    }
    this.#lightSamples = 0;
    this.#share = share;
    const isLearning = this.#samples <= LEARNING_SAMPLES;
    this.#learn(picture, stepMs, isLearning);
    return isLearning ? 0 : share * 100;
  }

  /**
   * Makes the background as bright as the picture: exposure and lamps change the whole picture, by
   * a factor and an offset. These are fitted to the cells that agree best, so that moving objects
   * have no influence.
   *
   * @returns the mean change of brightness, in levels
   */
  #followLight(picture: Uint8Array): number {
    const background = this.#background;
    const differences = background.map((level, cell) => picture[cell] - level);
    let light: Light = { gain: 1, offset: median(differences) };
    for (let round = 0; round < FIT_ROUNDS; round++) light = fit(background, picture, light);
    const { gain, offset } = light;
    let shift = 0;
    for (let cell = 0; cell < background.length; cell++) {
      const level = Math.min(255, Math.max(0, background[cell] * gain + offset));
      shift += Math.abs(level - background[cell]);
      background[cell] = level;
    }
    return shift / background.length;
  }

  #compare(picture: Uint8Array): void {
    for (let cell = 0; cell < picture.length; cell++) {
      const least = Math.min(MAX_LEVELS, Math.max(MIN_LEVELS, DEVIATIONS * this.#noise[cell]));
      this.#changed[cell] = Math.abs(picture[cell] - this.#background[cell]) > least ? 1 : 0;
    }
  }

  #learn(picture: Uint8Array, stepMs: number, isLearning: boolean): void {
    const rateOf = (ms: number) => 1 - Math.exp(-stepMs / ms);
    const [still, settled, changed] = [STILL_MS, SETTLED_MS, CHANGED_MS].map(rateOf);
    for (let cell = 0; cell < picture.length; cell++) {
      const level = picture[cell];
      const difference = level - this.#background[cell];
      let [rate, noiseRate] = [still, still];
      if (isLearning) rate = noiseRate = 1 / this.#samples;
      else if (this.#changed[cell]) {
        rate = Math.abs(level - this.#last[cell]) < MIN_LEVELS ? settled : changed;
        noiseRate = changed;
      }
      this.#background[cell] += rate * difference;
      this.#noise[cell] += noiseRate * (Math.abs(difference) - this.#noise[cell]);
    }
  }
}

/** A change of light: each level becomes `gain * level + offset`. */
interface Light {
  gain: number;
  offset: number;
}

/** Fits a line to `to` over `from`, through the cells that are near the previous line. */
function fit(from: Float32Array, to: Uint8Array, { gain, offset }: Light): Light {
  const distances = from.map((level, cell) => Math.abs(to[cell] - level * gain - offset));
  const near = 2 * median(distances) + 1;
  let [count, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (let cell = 0; cell < from.length; cell++) {
    const [a, b] = [from[cell], to[cell]];
    if (distances[cell] > near || a < DARK || b < DARK || a > BRIGHT || b > BRIGHT) continue;
    count++;
    x += a;
    y += b;
    xx += a * a;
    xy += a * b;
  }
  if (count < from.length / 8) return { gain, offset };
  const variance = xx / count - (x / count) ** 2;
  // A picture without contrast gives the offset only.
  const slope = variance < MIN_LEVELS ** 2 ? 1 : (xy / count - x * y / count ** 2) / variance;
  const fitted = Math.min(MAX_GAIN, Math.max(1 / MAX_GAIN, slope));
  return { gain: fitted, offset: (y - fitted * x) / count };
}

function median(values: Float32Array): number {
  return values.toSorted()[values.length >> 1];
}

/** The share of the cells that have changed together with some of their neighbours. */
function shareOf(changed: Uint8Array): number {
  const { width, height } = CELLS;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (changed[y * width + x] === 0) continue;
      let neighbours = -1; // does not count itself
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          neighbours += changed[row * width + column];
        }
      }
      if (neighbours >= MIN_NEIGHBOURS) count++;
    }
  }
  return count / changed.length;
}
