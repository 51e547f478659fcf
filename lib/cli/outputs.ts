/**
 * Where received pictures go, as the command line says.
 *
 * @module
 */

import type { Console } from "../program/console.ts";
import { Hooks } from "./hooks.ts";
import { StdoutOutput } from "../receive/stdout_output.ts";
import { MotionGate } from "../receive/motion_gate.ts";
import { type MotionEvent, MotionSensor } from "../receive/motion_sensor.ts";
import { observed, type Observers, type Output, together } from "../receive/output.ts";
import {
  AFTER_MS,
  BEFORE_MS,
  displayOf,
  MOTION_AREA,
  type ReceiverOptions,
} from "./receiver_options.ts";
import type { ReceivingReport } from "./receiving_report.ts";
import { RecordingOutput } from "../record/recording_output.ts";
import type { RecordingEvent } from "../record/writer.ts";
import { reportRecording } from "./recording_report.ts";
import { WindowOutput } from "../display/window_output.ts";
import { SnapshotOutput } from "../record/snapshot_output.ts";
import { TerminalOutput } from "../display/terminal_output.ts";

/** What outputs need to know besides the options. */
export interface OutputsContext {
  /** Where the picture comes from, for people. */
  from: string;
  /** The address of the sender; empty if it connects to us. */
  address: string;
  /** Hears what is to be told. */
  console: Console;
  /** Hears of motion. */
  report: ReceivingReport;
  /** Ends what does not end by itself. */
  signal: AbortSignal;
  /** What shows the picture, if it is not what the options say. */
  display?: Output | undefined;
}

/**
 * Opens all outputs that the options ask for.
 *
 * @throws {CamcatError} if one cannot be opened
 * @throws {UsageError} if standard output is not what one needs
 */
export function openOutputs(options: ReceiverOptions, context: OutputsContext): Output {
  const { from, address, console, report, signal } = context;
  const outputs: Output[] = [];
  const observers: Observers = { before: [], after: [] };
  const gates: MotionGate[] = [];
  /** Lets an output have frames only while something moves, if that is asked for. */
  const gated = (output: Output, beforeMs: number) => {
    if (!options.motion) return output;
    const gate = new MotionGate(output, { beforeMs });
    gates.push(gate);
    return gate;
  };
  const hooks = options.exec && new Hooks({ command: options.exec, address, console });
  const display = context.display === undefined ? displayOf(options) : undefined;
  if (context.display) outputs.push(context.display);
  if (display === "window") {
    const onLine = (line: string) => console.detail(`player: ${line}`);
    outputs.push(new WindowOutput(options.player ?? "ffplay", from, { signal, onLine }));
  }
  if (display === "terminal") {
    const onLine = (line: string) => console.detail(`ffmpeg: ${line}`);
    outputs.push(new TerminalOutput(from, { console, signal, onLine }));
  }
  if (options.stdout) outputs.push(new StdoutOutput(from, signal));
  if (options.motion) {
    const onLine = (line: string) => console.detail(`motion: ${line}`);
    const onMotion = (event: MotionEvent) => {
      report.motion(event);
      hooks?.motion(event);
      for (const gate of gates) event.type === "began" ? gate.open() : gate.close();
    };
    const { "motion-area": areaPercent = MOTION_AREA, after: afterMs = AFTER_MS } = options;
    observers.before.push(new MotionSensor({ areaPercent, afterMs, onMotion, onLine, signal }));
  }
  if (hooks) observers.after.push(hooks);
  if (options.snapshot !== undefined) {
    const { snapshot: path, every: everyMs } = options;
    const isAll = outputs.length === 0 && options.record === undefined && !options.motion;
    const onFile = (file: string) => hooks?.run("snapshot", { file });
    outputs.push(gated(new SnapshotOutput({ path, everyMs, console, isAll, onFile }), 0));
  }
  // Last, because it makes a file at once.
  if (options.record !== undefined) {
    const { segment: segmentMs, keep, before: beforeMs = BEFORE_MS } = options;
    const told = reportRecording(console);
    const onEvent = (event: RecordingEvent) => {
      told(event);
      hooks?.recording(event);
    };
    outputs.push(
      gated(new RecordingOutput(options.record, { segmentMs, keep, onEvent }), beforeMs),
    );
  }
  return observed(together(outputs), observers);
}
