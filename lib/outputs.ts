/**
 * Where received pictures go, as the command line says.
 *
 * @module
 */

import type { Console } from "./console.ts";
import { type Output, together } from "./output.ts";
import { Recorder } from "./recorder.ts";
import { reportRecording } from "./recording_report.ts";
import { displayOf, type ReceiverOptions } from "./receiver_options.ts";
import { Screen } from "./screen.ts";

/** What outputs need to know besides the options. */
export interface OutputsContext {
  /** Where the picture comes from, for people. */
  from: string;
  /** Hears what is to be told. */
  console: Console;
  /** Ends what does not end by itself. */
  signal: AbortSignal;
}

/**
 * Opens all outputs that the options ask for.
 *
 * @throws {CamcatError} if one cannot be opened
 */
export function openOutputs(options: ReceiverOptions, context: OutputsContext): Output {
  const { from, console, signal } = context;
  const outputs: Output[] = [];
  if (displayOf(options) === "window") {
    const onLine = (line: string) => console.detail(`player: ${line}`);
    outputs.push(new Screen(options.player ?? "ffplay", from, { signal, onLine }));
  }
  // Last, because it makes a file at once.
  if (options.record !== undefined) {
    const { segment: segmentMs, keep } = options;
    const onEvent = reportRecording(console);
    outputs.push(new Recorder(options.record, { segmentMs, keep, onEvent }));
  }
  return together(outputs);
}
