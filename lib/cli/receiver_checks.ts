/**
 * Checks that the options of the receiver go together.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import { either } from "../base/text.ts";
import { EXTENSIONS } from "../record/extensions.ts";
import type { ReceiverOptions } from "../options/receiver_options.ts";
import { displayOf, type Sink, sinksOf, sinksWith } from "../options/sinks.ts";

/** What `--motion` is used for. */
const FOR_MOTION = [...sinksWith("hasMotion"), "exec"] as const;

/** Options that let the sender change pictures or leave some out. */
const ADAPTING = ["prefer", "max-rate", "max-size"] as const;

/** Options about what happens around a motion, whatever begins it. */
const AROUND = ["before", "after"] as const;
/** The options that begin one. */
const CAUSES = ["motion", "on-trigger"] as const;

/** Options that need another one. */
const NEEDS = {
  every: "snapshot",
  segment: "record",
  keep: "record",
  timelapse: "record",
  "http-host": "http",
  export: "recordings",
  "webcam-mode": "webcam",
  "motion-area": "motion",
  loud: "motion",
} as const;

/**
 * Refuses options that contradict each other.
 *
 * @throws {UsageError} if some options contradict each other
 */
export function checkOptions(options: ReceiverOptions, operands: string[]): void {
  checkArchive(options, operands);
  if (operands[0] !== undefined && options.listen !== undefined) {
    throw new UsageError(
      "Cannot tell where the picture comes from: give either an ADDRESS or --listen PORT. See --help",
    );
  }
  if (options.find && (operands[0] !== undefined || options.listen !== undefined)) {
    throw new UsageError("Cannot use --find with an ADDRESS or --listen: it lists every camera");
  }
  if (options["no-display"] && options.display !== undefined) {
    throw new UsageError("Cannot use --no-display with --display: it means --display none");
  }
  if (options.mute && options.sound) {
    throw new UsageError("Cannot use --mute with --sound: leave one out");
  }
  for (
    const [name, needed] of Object.entries(NEEDS) as [keyof typeof NEEDS, keyof ReceiverOptions][]
  ) {
    if (options[name] !== undefined && !options[needed]) {
      throw new UsageError(`Cannot use --${name} without --${needed}`);
    }
  }
  const causes = CAUSES.filter((name) => options[name]);
  const around = AROUND.find((name) => options[name] !== undefined);
  if (around !== undefined && causes.length === 0) {
    const names = CAUSES.map((name) => `--${name}`).join(" or ");
    throw new UsageError(`Cannot use --${around} without ${names}`);
  }
  if (causes.length > 0 && FOR_MOTION.every((name) => options[name] === undefined)) {
    const names = FOR_MOTION.map((name) => `--${name}`).join(" or ");
    throw new UsageError(`Cannot use --${causes[0]} alone: it must have something to do, ${names}`);
  }
  if (options["all-frames"] && ADAPTING.some((name) => options[name] !== undefined)) {
    throw new UsageError(
      `Cannot use --all-frames with ${ADAPTING.map((name) => `--${name}`).join(" or ")}: every ` +
        "frame is sent as the camera gave it",
    );
  }
  if (options.player !== undefined && displayOf(options) !== "window") {
    throw new UsageError(
      "Cannot use --player without a window: leave it out, or use --display window",
    );
  }
  if (options.shared && !sinksWith("hasFolders").some((sink) => options[sink] !== undefined)) {
    const names = sinksWith("hasFolders").map((sink) => `--${sink}`);
    throw new UsageError(`Cannot use --shared without ${either(names)}`);
  }
  const users = Object.entries({
    "--display terminal": options.display === "terminal",
    "--stdout": options.stdout,
    "--json": options.json,
  }).filter(([, isUsed]) => isUsed).map(([name]) => name);
  if (users.length > 1) {
    throw new UsageError(
      `Cannot use ${users[0]} with ${users[1]}: both write to standard output. Leave one out`,
    );
  }
}

/** What goes with `--recordings`, where nothing is received. */
const WITHOUT_SENDER: readonly string[] = [
  ...["recordings", "http", "http-host", "export", "names", "utc"],
  ...["key", "key-file", "json", "quiet", "verbose"],
];

/** Refuses what does not go with looking at recordings. */
function checkArchive(options: ReceiverOptions, operands: string[]): void {
  const { recordings, http, export: span, record, names, utc } = options;
  if (recordings !== undefined) {
    const used = Object.entries(options).filter(([, value]) =>
      value !== undefined && value !== false
    );
    const other = used.map(([name]) => name).find((name) => !WITHOUT_SENDER.includes(name));
    if (other !== undefined) {
      throw new UsageError(`Cannot use --${other} with --recordings: nothing is received`);
    }
    if ((http === undefined) === (span === undefined)) {
      throw new UsageError("Cannot use --recordings alone: give either --http or --export");
    }
    if (span === undefined && operands.length > 0) {
      throw new UsageError(
        "Cannot use --recordings with an ADDRESS: to receive too, use --record DIR/ --http",
      );
    }
    if (span !== undefined && !/[^\/\\]\.mp4$/i.test(operands[0] ?? "")) {
      throw new UsageError(
        `Cannot export: a file must be named that ends with .mp4, received "${operands[0] ?? ""}"`,
      );
    }
    return;
  }
  if (http !== undefined && (record === undefined || isRecordingFile(record))) {
    throw new UsageError(
      "Cannot use --http without a folder of recordings: use --record DIR/, or --recordings DIR " +
        "to receive nothing",
    );
  }
  const hasFolder = record !== undefined && !isRecordingFile(record) ||
    options.snapshot?.match(/[/\\]$/);
  if ((names !== undefined || utc) && !hasFolder) {
    const option = names === undefined ? "utc" : "names";
    throw new UsageError(
      `Cannot use --${option} without a folder: --record DIR/ or --snapshot DIR/`,
    );
  }
}

/** Whether a path is that of one file, by its name. */
function isRecordingFile(path: string): boolean {
  return EXTENSIONS.some((extension) => path.toLowerCase().endsWith(extension));
}

/**
 * Refuses options that cannot be used with all cameras.
 *
 * @throws {UsageError} if there is such an option
 */
export function checkAllCameras(options: ReceiverOptions): void {
  const display = displayOf(options);
  const sinks = sinksOf(options);
  const folders = sinksWith("hasFolders");
  const single = sinks.find((sink) => !(folders as Sink[]).includes(sink));
  if (single !== undefined || display === "terminal") {
    const name = single ?? "display terminal";
    throw new UsageError(`Cannot use --${name} with all cameras: choose one with --camera`);
  }
  if (display === "none" && sinks.length === 0 && options.exec === undefined) {
    throw new UsageError(
      "Cannot show all cameras without a window: choose one with --camera, or leave out --display",
    );
  }
  for (const sink of folders) {
    const path = options[sink];
    if (path !== undefined && !/[/\\]$/.test(path)) {
      throw new UsageError(
        `Cannot use --${sink} ${path} with all cameras: it must be a folder, DIR/`,
      );
    }
  }
}
