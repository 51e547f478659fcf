/**
 * Where received pictures go, as the command line says.
 *
 * @module
 */

import type { Console } from "./console.ts";
import { JpegOutput } from "./jpeg_output.ts";
import { type Output, together } from "./output.ts";
import { displayOf, type ReceiverOptions } from "./receiver_options.ts";
import { Screen } from "./screen.ts";
import { Stills } from "./stills.ts";
import { TerminalScreen } from "./terminal_screen.ts";

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
 * @throws {UsageError} if standard output is not what one needs
 */
export function openOutputs(options: ReceiverOptions, context: OutputsContext): Output {
  const { from, console, signal } = context;
  const outputs: Output[] = [];
  const display = displayOf(options);
  if (display === "window") {
    const onLine = (line: string) => console.detail(`player: ${line}`);
    outputs.push(new Screen(options.player ?? "ffplay", from, { signal, onLine }));
  }
  if (display === "terminal") {
    const onLine = (line: string) => console.detail(`ffmpeg: ${line}`);
    outputs.push(new TerminalScreen(from, { console, signal, onLine }));
  }
  if (options.stdout) outputs.push(new JpegOutput(from, signal));
  if (options.snapshot !== undefined) {
    const { snapshot: path, every: everyMs } = options;
    outputs.push(new Stills({ path, everyMs, console, isAll: outputs.length === 0 }));
  }
  return together(outputs);
}
