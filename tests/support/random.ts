/** A random number generator that says how to repeat what it did: the same seed, the same numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    // mulberry32, by Tommy Ettinger (public domain).
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return Math.floor(((t ^ t >>> 14) >>> 0) / 0x1_0000_0000 * limit);
  }

  /** One of `values`. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  /** `count` random bytes. */
  bytes(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  /** `bytes` in pieces of random lengths, short ones and long ones. */
  *pieces(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      const length = 1 + this.below(1 << this.below(16));
      yield bytes.subarray(at, at + length);
      at += length;
    }
  }

  /** A damaged copy of `bytes`: bits flipped, pieces cut out, inserted, moved or doubled. */
  damaged(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    let damaged = [...bytes];
    for (let count = 1 + this.below(4); count > 0; count--) {
      const at = this.below(damaged.length + 1);
      const length = 1 + this.below(1 << this.below(8));
      const piece = damaged.slice(at, at + length);
      switch (this.below(5)) {
        case 0:
          if (at < damaged.length) damaged[at] ^= 1 << this.below(8);
          break;
        case 1:
          damaged.splice(at, length);
          break;
        case 2:
          damaged.splice(at, 0, ...this.bytes(length));
          break;
        case 3:
          damaged.splice(this.below(damaged.length + 1), 0, ...piece);
          break;
        default:
          damaged = damaged.slice(0, at);
      }
    }
    return Uint8Array.from(damaged);
  }
}

/**
 * Runs `round` with many seeds and names the one that failed, so that it can be
 * run again alone.
 */
export function fuzz(rounds: number, round: (random: Random) => void): void {
  for (let seed = 0; seed < rounds; seed++) {
    try {
      round(new Random(seed));
    } catch (cause) {
      throw new Error(
        `Failed with seed ${seed}: ${cause instanceof Error ? cause.message : cause}`,
        {
          cause,
        },
      );
    }
  }
}
