/**
 * Opens the outputs that the receiver's command line asks for.
 *
 * @module
 */

import { SoundOutput } from "../display/sound_output.ts";
import { TerminalOutput } from "../display/terminal_output.ts";
import type { WebcamDevice } from "../display/webcam_device.ts";
import { DEFAULT_WEBCAM_MODE } from "../display/webcam_mode.ts";
import { WebcamOutput } from "../display/webcam_output.ts";
import { WindowOutput } from "../display/window_output.ts";
import type { SpeakerEvent } from "../playback/speaker.ts";
import type { Console } from "../program/console.ts";
import { MotionGate } from "../receive/motion_gate.ts";
import { type MotionEvent, MotionSensor } from "../receive/motion_sensor.ts";
import { JoinedMotion } from "../receive/joined_motion.ts";
import { SoundSensor } from "../receive/sound_sensor.ts";
import { observed, type Observers, type Output, together } from "../receive/output.ts";
import { StdoutOutput } from "../receive/stdout_output.ts";
import { PRIVATE, SHARED } from "../program/file_access.ts";
import { RecordingOutput } from "../record/recording_output.ts";
import { SnapshotOutput } from "../record/snapshot_output.ts";
import type { RecordingEvent } from "../record/recording_event.ts";
import type { Recordings } from "../archive/recordings.ts";
import { Naming } from "../record/naming.ts";
import type { ReceivingReport } from "../report/receiving_report.ts";
import { reportRecording } from "../report/recording_report.ts";
import type { Destination } from "../find/destination.ts";
import { Hooks } from "./hooks.ts";
import { Trigger, TriggerObserver, type TriggerSource } from "./trigger.ts";
import {
  AFTER_MS,
  BEFORE_MS,
  DEFAULT_PLAYER,
  MOTION_AREA,
  type ReceiverOptions,
} from "../options/receiver_options.ts";
import { displayOf, type Sink, sinksOf, soundOf } from "../options/sinks.ts";

/** What a receiver needs for one camera: its connection and its outputs. */
export interface ReceiverContext {
  /** The command line, for this camera. */
  options: ReceiverOptions;
  /** The sender; undefined if it connects to the receiver. */
  sender: Destination | undefined;
  /** Where events and figures are shown. */
  console: Console;
  /** Reports connection, frames and motion. */
  report: ReceivingReport;
  /** Stops the receiver. */
  signal: AbortSignal;
  /** Says when to record, if another program may. */
  trigger?: TriggerSource | undefined;
  /** Where the recordings are looked at; undefined if nowhere. */
  recordings?: Recordings | undefined;
  /** Shows the picture, in place of the display that the options name. */
  display?: Output | undefined;
}

/**
 * Opens all outputs that the options ask for, as one.
 *
 * @throws {CamcatError} if one cannot be opened
 * @throws {UsageError} if standard output is not what an output needs
 */
export function openOutputs(context: ReceiverContext): Output {
  const { options, sender, console, report, signal, trigger } = context;
  const address = sender?.text;
  const from = address ?? "pushed here";
  const hooks = options.exec &&
    new Hooks({ command: options.exec, address: address ?? "", console });
  const observers: Observers = { before: [], after: hooks ? [hooks] : [] };
  const isGated = options.motion || trigger !== undefined;
  const gates: MotionGate[] = [];
  /** With `--motion` or `--on-trigger` an output gets frames only then. */
  const gated = (output: Output, beforeMs: number) => {
    if (!isGated) return output;
    const gate = new MotionGate(output, { beforeMs });
    gates.push(gate);
    return gate;
  };
  const sound = openSound(context);
  if (sound !== undefined) observers.before.push(sound);
  const display = context.display ?? openDisplay(context, from, sound);
  const sinks = sinksOf(options);
  const maxPixels = options["max-pixels"];
  const access = options.shared ? SHARED : PRIVATE;
  const naming = namingOf(options);
  const open: Record<Sink, () => Output> = {
    stdout: () => new StdoutOutput(from, signal),
    webcam: () => {
      const { webcam: device = "", "webcam-mode": mode = DEFAULT_WEBCAM_MODE } = options;
      const onLine = (line: string) => console.detail(`webcam: ${line}`);
      const onOpen = ({ path, name }: WebcamDevice) => report.webcam(path, name, mode);
      return new WebcamOutput(from, { device, mode, maxPixels, onLine, onOpen, signal });
    },
    snapshot: () => {
      const { snapshot: path = "", every: everyMs } = options;
      const isAll = display === undefined && sinks.length === 1 && !isGated;
      const onFile = (file: string) => hooks?.run("snapshot", { file });
      return gated(
        new SnapshotOutput({ path, everyMs, access, naming, console, isAll, onFile }),
        0,
      );
    },
    record: () => {
      const { record = "", segment: segmentMs, keep, before = BEFORE_MS, timelapse: timelapseMs } =
        options;
      const reported = reportRecording(console);
      const onEvent = (event: RecordingEvent) => {
        reported(event);
        hooks?.recording(event);
        context.recordings?.follow(event);
      };
      return gated(
        new RecordingOutput(record, { segmentMs, keep, naming, access, onEvent, timelapseMs }),
        before,
      );
    },
  };
  const { after: afterMs = AFTER_MS } = options;
  const motion = new JoinedMotion((event) => {
    report.motion(event);
    hooks?.motion(event);
    for (const gate of gates) event.type === "began" ? gate.open(reasonOf(event)) : gate.close();
  });
  const onMotion = (event: MotionEvent) => motion.take(event);
  if (trigger !== undefined) {
    observers.before.push(new TriggerObserver(trigger, new Trigger(afterMs, onMotion)));
  }
  if (options.motion) {
    const onLine = (line: string) => console.detail(`motion: ${line}`);
    const { "motion-area": areaPercent = MOTION_AREA } = options;
    observers.before.push(
      new MotionSensor({ areaPercent, afterMs, maxPixels, onMotion, onLine, signal }),
    );
    const { loud: levelDb } = options;
    const onDeaf = () => report.deaf();
    if (levelDb !== undefined) {
      observers.before.push(new SoundSensor({ levelDb, afterMs, onMotion, onDeaf }));
    }
  }
  const outputs = [display, ...sinks.map((sink) => open[sink]())];
  return observed(together(outputs.filter((output) => output !== undefined)), observers);
}

/** The names that the options ask for. */
export function namingOf(
  { names, utc }: Pick<ReceiverOptions, "names" | "utc">,
): Naming | undefined {
  return names === undefined && !utc ? undefined : new Naming({ pattern: names, isUtc: utc });
}

/** What somebody has said about a motion. */
function reasonOf(event: MotionEvent): string | undefined {
  return event.type === "began" && event.by === "trigger" ? event.reason : undefined;
}

/** Opens what plays the sound, if it is played. */
function openSound(
  { options, display, console, report, signal }: ReceiverContext,
): SoundOutput | undefined {
  const sound = soundOf(options, display !== undefined);
  if (sound === "off") return undefined;
  const onLine = (line: string) => console.detail(`sound: ${line}`);
  const onEvent = (event: SpeakerEvent) => report.sound(event);
  return new SoundOutput({ signal, onLine, onEvent }, sound === "muted");
}

/** Opens what the options show the picture in, if anything. */
function openDisplay(
  { options, console, signal }: ReceiverContext,
  from: string,
  sound: SoundOutput | undefined,
) {
  const maxPixels = options["max-pixels"];
  switch (displayOf(options)) {
    case "window": {
      const onLine = (line: string) => console.detail(`player: ${line}`);
      return new WindowOutput(options.player ?? DEFAULT_PLAYER, from, {
        signal,
        onLine,
        maxPixels,
      });
    }
    case "terminal": {
      const onLine = (line: string) => console.detail(`ffmpeg: ${line}`);
      const onMute = () => {
        if (sound !== undefined) sound.isMuted = !sound.isMuted;
      };
      return new TerminalOutput(from, { console, signal, onLine, onMute, maxPixels });
    }
    case "none":
      return undefined;
  }
}
