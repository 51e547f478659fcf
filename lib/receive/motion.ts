/**
 * Whether anything moves in a sequence of small grey pictures.
 *
 * Every cell (a pixel of these) is compared with a background that follows it slowly,
 * and counts as changed when it is further away than its own usual noise. That is what
 * Motion (`noise_tune`, `despeckle_filter`, `smart_mask_speed`, `lightswitch_percent`) and
 * Frigate (`frame_alpha`, `lightning_threshold`) do too, with a noise level for all of the
 * picture. ffmpeg's `select=gt(scene,…)` and `scdet` compare with the picture before, by its
 * mean difference: good for cuts, but somebody who walks through a part of the picture changes
 * the mean less than a cloud does.
 *
 * @module
 */

/** Cells side by side and one above the other: 1 % of a picture is 23 of them. */
export const CELLS = { width: 64, height: 36 } as const;

/** What is learnt before anything counts: cameras begin by finding their exposure. */
const LEARNING_SAMPLES = 10;
/** How fast the background takes over a cell that looks as usual: slow light changes are followed. */
const STILL_MS = 4000;
/** The same of one that has changed and stays so since the sample before: a car that has parked. */
const SETTLED_MS = 5000;
/** The same of one that goes on changing; and how fast its noise grows: a tree in the wind, a clock. */
const CHANGED_MS = 60_000;
/** Samples that are further apart than that teach no more. */
const MAX_STEP_MS = 1000;
/** The least difference that counts, in levels of 255: one of JPEG's steps at low quality. */
const MIN_LEVELS = 10;
/** The most that noise makes of it. */
const MAX_LEVELS = 60;
/** How often the usual deviation of a cell counts: 4 sigmas, were it Gaussian. */
const DEVIATIONS = 5;
/** A cell counts when so many of the eight around it have changed too: not a single flicker. */
const MIN_NEIGHBOURS = 2;
/**
 * So much more of the picture than in the sample before changes at once by light: the new look
 * is the background then. What moves goes on changing, and counts with the next samples.
 */
const LIGHT_SHARE = 0.25;
/** The same when all of the picture has become brighter or darker, too. */
const SHIFTED_LIGHT_SHARE = 0.01;
/** How many samples that may take, one after another: a lamp flickers at its start, exposure settles. */
const LIGHT_SAMPLES = 5;
/** Levels at which a sensor says no more than dark or bright. */
const [DARK, BRIGHT] = [4, 251];
/** How often the change of light is fitted anew, to what agreed with the last fit. */
const FIT_ROUNDS = 3;
/** How much light may change at once, as a factor. */
const MAX_GAIN = 4;

/** In so many of the last samples the area must have changed: a bird at the lens is not enough. */
const [ENOUGH, OF] = [2, 3];

/** What a picture shows. */
export interface MotionSample {
  /** The share of the picture that has changed, in percent; 0 while the usual is being learnt. */
  score: number;
  /** Whether that, with the samples before, is motion. */
  isMotion: boolean;
}

/** Tells by pictures of {@linkcode CELLS} whether something moves. */
export class MotionDetector {
  #areaPercent: number;
  #recent: number[] = [];
  #background = new Float32Array(CELLS.width * CELLS.height);
  #last = new Uint8Array(this.#background.length);
  /** The usual distance of each cell from its background. */
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
   * Makes the background as bright as the picture: exposure and lamps change all of it, by a
   * factor and an offset. These are fitted to the cells that agree best, so that what moves
   * has no say.
   *
   * @returns how much brighter or darker it has become, in levels
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

/** What has become of every level: `gain * level + offset`. */
interface Light {
  gain: number;
  offset: number;
}

/** Fits a line through those cells of `to` over `from` that are near the line of before. */
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
  // Of a picture without contrast only the offset can be told.
  const slope = variance < MIN_LEVELS ** 2 ? 1 : (xy / count - x * y / count ** 2) / variance;
  const fitted = Math.min(MAX_GAIN, Math.max(1 / MAX_GAIN, slope));
  return { gain: fitted, offset: (y - fitted * x) / count };
}

function median(values: Float32Array): number {
  return values.toSorted()[values.length >> 1];
}

/** The share of cells that have changed together with some around them. */
function shareOf(changed: Uint8Array): number {
  const { width, height } = CELLS;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (changed[y * width + x] === 0) continue;
      let neighbours = -1; // itself
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
