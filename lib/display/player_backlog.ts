/**
 * How far ffplay is behind, read from its reports.
 *
 * @module
 */

/**
 * Follows ffplay's queue. ffplay takes in some 25 pictures whether it can show them in time or
 * not, which is seconds of delay on a slow machine. With `-stats` it writes every 30 ms how many
 * bytes wait for its decoder (`vq= 12KB`).
 */
export class PlayerBacklog {
  #bytes = 0;
  #limit = Infinity;
  #caughtUp: (() => void) | undefined;
  #reports: "none yet" | "fresh" | "old" | "over" = "none yet";

  /** Reads a line that the player wrote. @returns whether it was a report */
  read(line: string): boolean {
    const match = /\bvq=\s*(\d+)KB/.exec(line);
    if (match === null) return false;
    this.#reports = "fresh";
    this.#bytes = Number(match[1]) * 1024;
    if (this.#bytes <= this.#limit) this.#resolve();
    return true;
  }

  /** Whether reports have stopped: true once, at the second call without one in between. */
  fellSilent(): boolean {
    const wasOld = this.#reports === "old";
    if (this.#reports === "fresh") this.#reports = "old";
    else if (wasOld) this.#reports = "over";
    return wasOld;
  }

  /** Resolves when at most `limit` bytes wait, or nothing is known. */
  async below(limit: number): Promise<void> {
    if (this.#bytes <= limit) return;
    this.#limit = limit;
    await new Promise<void>((resolve) => this.#caughtUp = resolve);
  }

  /** The player has exited: there are no more reports to wait for. */
  end(): void {
    this.#bytes = 0;
    this.#resolve();
  }

  #resolve(): void {
    this.#caughtUp?.();
    this.#caughtUp = undefined;
  }
}
