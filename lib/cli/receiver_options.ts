/**
 * The command line of the receiver.
 *
 * @module
 */

import { DEFAULT_PORT, parseListenAddress } from "../protocol/address.ts";
import { UsageError } from "../base/errors.ts";
import { KEY_OPTIONS } from "./key_options.ts";
import { decimal, oneOf, type Options, type Program } from "../program/options.ts";
import { PLAYERS } from "../display/player_input.ts";
import { parseDuration } from "../base/quantity.ts";
import { formatOf } from "../record/formats.ts";
import { retention } from "../record/retention.ts";
import { VERSION } from "../program/version.ts";
import { splitWords } from "../program/shell_words.ts";

/** Where a picture can be shown. */
const DISPLAYS = ["window", "terminal", "none"] as const;

/** The program that shows the picture, if none is named. */
export const DEFAULT_PLAYER = "ffplay";
/** How much of the picture must change, in percent. Noise and light score 0, a small clock under 0.5. */
export const MOTION_AREA = 1;
/** How long before a motion is kept. */
export const BEFORE_MS = 5000;
/** How long after the last motion it has ended. */
export const AFTER_MS = 10_000;

const OPTIONS = {
  listen: {
    short: "l",
    value: "[HOST:]PORT",
    parse: parseListenAddress,
    help: "wait for a sender with --push, instead of connecting to one",
  },
  player: {
    value: PLAYERS.join("|"),
    parse: oneOf(PLAYERS),
    help: `the program that shows the picture (default: ${DEFAULT_PLAYER})`,
  },
  display: {
    short: "d",
    value: DISPLAYS.join("|"),
    parse: oneOf(DISPLAYS),
    help: "where the picture is shown (default: window, or none if it goes elsewhere)",
  },
  "no-display": { help: "the same as --display none" },
  stdout: { help: "write the JPEGs to standard output, one after another" },
  snapshot: {
    value: "FILE|DIR/",
    parse: String,
    help: "write the first picture to a file, and end if that is all there is to do",
  },
  every: { value: "TIME", parse: parseDuration, help: "with --snapshot: one every 10s, 5m, 2h" },
  record: {
    short: "r",
    value: "FILE|DIR/",
    parse: String,
    help: "record what is received, to a new .mkv, .mp4 or .mjpeg, or in segments",
  },
  segment: {
    value: "TIME",
    parse: parseDuration,
    help: "begin another file after this time, in a directory (default: 10m)",
  },
  keep: {
    value: "SIZE|TIME",
    parse: retention,
    help: "delete the oldest segments beyond, as 20GB or 7d (default: none)",
  },
  motion: { help: "record, or write pictures, only while something moves; tell --exec of it" },
  "motion-area": {
    value: "PERCENT",
    parse: decimal(0.1, 100),
    help: `how much of the picture must change (default: ${MOTION_AREA})`,
  },
  before: {
    value: "TIME",
    parse: parseDuration,
    help: `what is kept from before a motion (default: ${BEFORE_MS / 1000}s)`,
  },
  after: {
    value: "TIME",
    parse: parseDuration,
    help: `a motion ends when nothing has moved for this time (default: ${AFTER_MS / 1000}s)`,
  },
  exec: {
    value: "CMD",
    parse: splitWords,
    help: "run CMD, without a shell, on motion, connect, lost: see below",
  },
  camera: {
    short: "c",
    value: "NAME|all",
    parse: String,
    help: "which camera (default: the first); all of them in one window",
  },
  cameras: { help: "list the cameras of the sender, and end" },
  "all-frames": { help: "every frame in order, however late, instead of the newest" },
  open: { help: "no key and no encryption" },
  ...KEY_OPTIONS,
  forget: { value: "HOST", parse: String, help: "forget the key of a sender, and end" },
  once: { help: "end when the connection fails, instead of connecting again" },
  json: {
    help: "events and figures as JSON on standard output, one object a line",
  },
  quiet: { short: "q", help: "only errors" },
  verbose: { short: "v", help: "also what the player says" },
} as const;

/** The options that send the picture elsewhere than to a display, and what they can do. */
const SINKS = {
  stdout: { hasFolders: false, hasMotion: false },
  snapshot: { hasFolders: true, hasMotion: true },
  record: { hasFolders: true, hasMotion: true }, // last: it creates a file at once
} satisfies Partial<
  Record<keyof typeof OPTIONS, {
    /** Whether its value can be a folder, with one inside for each camera. */
    hasFolders: boolean;
    /** Whether `--motion` limits it to what moves. */
    hasMotion: boolean;
  }>
>;

/** An option that sends the picture elsewhere than to a display. */
export type Sink = keyof typeof SINKS;

/** What `--motion` is used for. */
const FOR_MOTION = [...sinksWith("hasMotion"), "exec"] as const;

/** Options that mean nothing without another one. */
const NEEDS = {
  every: "snapshot",
  segment: "record",
  keep: "record",
  "motion-area": "motion",
  before: "motion",
  after: "motion",
} as const;

/** Stands for every camera of a sender. */
export const ALL_CAMERAS = "all";

/** The receiver, for its command line and its help. */
export const RECEIVER: Program<typeof OPTIONS> = {
  name: "receiver",
  version: VERSION,
  operands: "ADDRESS[/KEY[/CAMERA]]",
  maxOperands: 1,
  summary:
    "Shows the picture of a camcat sender in a window, or in a terminal. q, Esc or closing the window ends it.",
  options: OPTIONS,
  more: `
ADDRESS is HOST, HOST:PORT or [IPV6]:PORT, as the sender shows it with its KEY. The
port is ${DEFAULT_PORT} if none is given. A key that has worked is remembered, and the
sender of this user on this machine needs none. When the connection is lost the
window stays and shows NO SIGNAL, and since when, until the sender is back.

A recording has the frames untouched, with their times of capture, can be played after
a crash up to the last second, and pauses while the disk is full. With --all-frames
none is left out because the network is slow for a while.

CMD is a program and its arguments. Quotes and backslashes group as in a shell, and
nothing else means anything. It is run with CAMCAT_EVENT=connected, lost, live,
not-live, motion, motion-end, recorded or snapshot (a file is complete), and
CAMCAT_TIME, CAMCAT_CAMERA, CAMCAT_ADDRESS, CAMCAT_REASON, CAMCAT_SCORE (percent),
CAMCAT_SECONDS and CAMCAT_FILE, empty where they do not apply. What it prints is shown
with --verbose. At the end of the receiver it has 2 s.

Examples:
  receiver 192.168.1.20:9000/KEY
  receiver 192.168.1.20           the next time
  receiver 192.168.1.20 --camera door, or receiver 192.168.1.20//door
  receiver 192.168.1.20 --camera all
  receiver --listen 9000          for: sender --push THIS_MACHINE:9000/KEY
  receiver 192.168.1.20 --display terminal
  receiver 192.168.1.20 --record yard.mkv --display window
  receiver 192.168.1.20 --record yard/ --keep 20GB --motion
  receiver 192.168.1.20 --motion --exec "/home/me/alarm --loud"
  receiver 192.168.1.20 --snapshot now.jpg
  receiver 192.168.1.20 --snapshot pictures/ --every 10s
  receiver 192.168.1.20 --stdout | ffmpeg -i - out.mp4
  receiver 192.168.1.20 --no-display --json`,
};

/** What a command line of the receiver says. */
export type ReceiverOptions = Options<typeof OPTIONS>;

/** Where the picture is to be shown. */
export function displayOf(options: ReceiverOptions): typeof DISPLAYS[number] {
  if (options["no-display"]) return "none";
  const hasWindow = options.player !== undefined || sinksOf(options).length === 0;
  return options.display ?? (hasWindow ? "window" : "none");
}

/** The sinks that the options ask for, in the order in which they are opened. */
export function sinksOf(options: ReceiverOptions): Sink[] {
  return (Object.keys(SINKS) as Sink[]).filter((sink) =>
    options[sink] !== undefined && options[sink] !== false
  );
}

/**
 * Refuses options that contradict each other.
 *
 * @throws {UsageError} if some do
 */
export function checkOptions(options: ReceiverOptions, operands: string[]): void {
  if ((operands[0] === undefined) === (options.listen === undefined)) {
    throw new UsageError(
      "Cannot tell where the picture comes from: give an ADDRESS, or else --listen PORT. See --help",
    );
  }
  if (options["no-display"] && options.display !== undefined) {
    throw new UsageError("Cannot use --no-display with --display: it is --display none");
  }
  for (
    const [name, needed] of Object.entries(NEEDS) as [keyof typeof NEEDS, keyof ReceiverOptions][]
  ) {
    if (options[name] !== undefined && !options[needed]) {
      throw new UsageError(`Cannot use --${name} without --${needed}`);
    }
  }
  if (options.motion && FOR_MOTION.every((name) => options[name] === undefined)) {
    const names = FOR_MOTION.map((name) => `--${name}`).join(" or ");
    throw new UsageError(`Cannot use --motion alone: it must have something to do, ${names}`);
  }
  if (options.player !== undefined && displayOf(options) !== "window") {
    throw new UsageError(
      "Cannot use --player without a window: leave it out, or use --display window",
    );
  }
  if (
    options.record !== undefined && options.record === options.snapshot && formatOf(options.record)
  ) {
    throw new UsageError("Cannot use the same file for --record and --snapshot: name another one");
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

/**
 * Refuses options that cannot be used with all cameras.
 *
 * @throws {UsageError} if there is one
 */
export function checkAllCameras(options: ReceiverOptions): void {
  const display = displayOf(options);
  const sinks = sinksOf(options);
  const single = sinks.find((sink) => !SINKS[sink].hasFolders);
  if (single !== undefined || display === "terminal") {
    const name = single ?? "display terminal";
    throw new UsageError(`Cannot use --${name} with all cameras: choose one with --camera`);
  }
  if (display === "none" && sinks.length === 0 && options.exec === undefined) {
    throw new UsageError(
      "Cannot show all cameras without a window: choose one with --camera, or leave out --display",
    );
  }
  for (const sink of sinksWith("hasFolders")) {
    const path = options[sink];
    if (path !== undefined && !/[/\\]$/.test(path)) {
      throw new UsageError(
        `Cannot use --${sink} ${path} with all cameras: it must be a folder, DIR/`,
      );
    }
  }
}

/** The options for one of all cameras: it writes to a folder of its own in the folder given. */
export function ofCamera(options: ReceiverOptions, camera: string): ReceiverOptions {
  // Names come from the network, and may be anything; no two of them share a folder.
  const folder = camera.replace(
    /^\.|[^\p{L}\p{N} ._-]/gu,
    (character) => `%${character.codePointAt(0)!.toString(16)}`,
  );
  const ofOne = { ...options, camera };
  for (const sink of sinksWith("hasFolders")) {
    if (options[sink] !== undefined) ofOne[sink] = `${options[sink]}${folder}/`;
  }
  return ofOne;
}

/** The sinks that can do something. */
function sinksWith<Ability extends "hasFolders" | "hasMotion">(ability: Ability) {
  type Able = { [S in Sink]: typeof SINKS[S][Ability] extends true ? S : never }[Sink];
  return (Object.keys(SINKS) as Sink[]).filter((sink): sink is Able => SINKS[sink][ability]);
}
