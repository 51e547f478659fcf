/**
 * A viewer that stops for a while.
 *
 * @module
 */

import type { Row } from "./figures.ts";
import { Program, startCamera } from "./program.ts";

const SECONDS = 12;

/** The row. Both viewers stall at the same time. */
export const stall: Row = {
  about: `stale pictures (older than 100 ms) after a viewer has stalled for ${SECONDS} s`,
  async *run(bench) {
    const { sender, port } = await startCamera(bench, "1280x720", 30);
    await using _sender = sender;
    await using acknowledging = Program.peer("stall", port, "acknowledging", SECONDS);
    await using bare = Program.peer("stall", port, "bare", SECONDS);
    type Resumed = { stale: number; first_age_ms: number; frames: number };
    const [ours, theirs] = await Promise.all([
      acknowledging.next<Resumed>("resumed"),
      bare.next<Resumed>("resumed"),
    ]);
    yield {
      what: "acknowledging viewer, stale pictures",
      value: `${ours.stale} of ${ours.frames}`,
      target: "<= 2",
      met: ours.stale <= 2,
    };
    yield {
      what: "acknowledging viewer, age of the first",
      value: `${ours.first_age_ms.toFixed(0)} ms`,
    };
    yield { what: "bare viewer, stale pictures", value: `${theirs.stale} of ${theirs.frames}` };
    yield { what: "bare viewer, age of the first", value: `${theirs.first_age_ms.toFixed(0)} ms` };
  },
};
