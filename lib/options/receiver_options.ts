/**
 * The command line of the receiver: the table of its options, and its help.
 *
 * @module
 */

import { parseDuration, parseFrequency, parseLevel, parseRate } from "../base/quantity.ts";
import { either } from "../base/text.ts";
import { parseSize } from "../capture/source.ts";
import { PLAYERS } from "../display/players.ts";
import { parseWebcamMode } from "../display/webcam_mode.ts";
import type { Options, Program } from "../program/option_table.ts";
import { decimal, oneOf, wholeNumber } from "../program/options.ts";
import { splitWords } from "../program/shell_words.ts";
import { VERSION } from "../program/version.ts";
import { DEFAULT_PORT, parseListenAddress } from "../protocol/address.ts";
import { EXTENSIONS } from "../record/extensions.ts";
import { Naming } from "../record/naming.ts";
import { parseSpan } from "../archive/span.ts";
import { retention } from "../record/retention.ts";
import { KEY_OPTIONS, MESSAGE_OPTIONS, parseHttpAddress, parseNames } from "./common_options.ts";

/** What a viewer can prefer on a slow link. */
export const PREFERENCES = ["smooth", "balanced", "sharp"] as const;
/** Where a picture can be shown. */
export const DISPLAYS = ["window", "terminal", "none"] as const;
/** The program that shows the picture, if none is named. */
export const DEFAULT_PLAYER = "ffplay";
/** How much of the picture must change, in percent. Noise and light score 0, a small clock under 0.5. */
export const MOTION_AREA = 1;
/** How much to keep from before motion starts. */
export const BEFORE_MS = 5000;
/** How long nothing must move until motion has ended. */
export const AFTER_MS = 10_000;

const OPTIONS = {
  listen: {
    topic: "source",
    short: "l",
    value: "[HOST:]PORT",
    parse: parseListenAddress,
    help: "wait for a sender that runs with --push, instead of connecting to one",
  },
  find: { basic: true, help: "list the cameras on this network, and exit" },
  camera: {
    basic: true,
    short: "c",
    value: "NAME|all",
    parse: String,
    help: "which camera (default: the first), or all of them in one window",
  },
  cameras: { help: "list the cameras of the sender, and exit" },
  "all-frames": { help: "receive every frame in order, however late, instead of the newest" },
  "max-pixels": {
    value: "N",
    parse: wholeNumber(1, 65_535 ** 2),
    help: "refuse pictures of more than N pixels (default: 33177600, 8K video)",
  },
  once: { help: "exit when the connection fails, instead of reconnecting" },
  display: {
    topic: "display",
    basic: true,
    short: "d",
    value: DISPLAYS.join("|"),
    parse: oneOf(DISPLAYS),
    help: "where to show the picture (default: window, or none if it is saved or forwarded)",
  },
  "no-display": { help: "the same as --display none" },
  player: {
    value: PLAYERS.join("|"),
    parse: oneOf(PLAYERS),
    help: `the program that shows the window (default: ${DEFAULT_PLAYER})`,
  },
  mute: { topic: "sound", help: "do not play the sound; with --display terminal, m changes that" },
  sound: { help: "play the sound without a picture too, and of all cameras" },
  prefer: {
    topic: "slow-links",
    value: PREFERENCES.join("|"),
    parse: oneOf(PREFERENCES),
    help: "where the link is slow: all pictures, however small; at least 15 a second, then as " +
      "sharp as fits; or the camera's own (default: balanced, or sharp if saved or forwarded)",
  },
  "max-rate": { value: "RATE", parse: parseRate, help: "receive at most this, e.g. 500k or 2M" },
  "max-size": { value: "WxH", parse: parseSize, help: "receive pictures of at most this size" },
  record: {
    topic: "record",
    basic: true,
    short: "r",
    value: "FILE|DIR/",
    parse: String,
    help: `record to a new file (${either(EXTENSIONS)}), or to a folder in segments`,
  },
  segment: {
    value: "TIME",
    parse: parseDuration,
    help: "with --record DIR/: start a new file after this time (default: 10m)",
  },
  keep: {
    value: "SIZE|TIME",
    parse: retention,
    help: "with --record DIR/: delete the oldest segments over this limit, e.g. 20GB or 7d " +
      "(default: keep all)",
  },
  timelapse: {
    value: "N/UNIT",
    parse: parseFrequency,
    help:
      "with --record FILE: so many pictures a s, min, h or d, e.g. 1/min, as a video of 25 a second",
  },
  names: {
    value: "PATTERN",
    parse: parsePattern,
    help: "with a folder: names by the time, e.g. %Y/%m/%d/%H-%M-%S (default: " +
      "%Y-%m-%dT%H-%M-%S)",
  },
  utc: { help: "names by UTC, and not by local time" },
  snapshot: {
    basic: true,
    value: "FILE|DIR/",
    parse: String,
    help: "write the first picture to a file; exit if there is nothing else to do",
  },
  every: {
    value: "TIME",
    parse: parseDuration,
    help: "with --snapshot: write a picture again and again, e.g. every 10s",
  },
  shared: { help: "let the umask decide who may read files and folders (default: only you)" },
  stdout: { basic: true, help: "write the JPEGs to standard output" },
  http: {
    topic: "recordings",
    value: "[HOST:]PORT",
    parse: parseHttpAddress,
    help: "with --record DIR/: a page to play, download and delete the recordings (default host: " +
      "localhost; *:PORT for all interfaces)",
  },
  "http-host": {
    value: "NAME,...",
    parse: parseNames,
    help: "host names that browsers may use, besides those of this machine",
  },
  recordings: {
    value: "DIR",
    parse: String,
    help: "receive nothing, but use the recordings in DIR: with --http or --export",
  },
  export: {
    value: "FROM..TO",
    parse: parseSpan,
    help: "with --recordings: make an H.264 file of the time, receiver --recordings DIR --export " +
      "14:00..15:00 FILE.mp4",
  },
  webcam: {
    topic: "webcam",
    basic: true,
    value: "DEVICE|auto",
    parse: String,
    help: "be a webcam for other programs (Linux): a device, its name, or the first free one",
  },
  "webcam-mode": {
    value: "WxH[@FPS]",
    parse: parseWebcamMode,
    help: "with --webcam: its size and rate (default: 1280x720@30)",
  },
  motion: {
    topic: "motion",
    basic: true,
    help: "record and write pictures only during motion; also run --exec for it",
  },
  "motion-area": {
    value: "PERCENT",
    parse: decimal(0.1, 100),
    help: `how much of the picture must change (default: ${MOTION_AREA})`,
  },
  loud: {
    value: "DB",
    parse: parseLevel,
    help: "take loud sound for motion, too: within DB decibels of the loudest possible, e.g. 30",
  },
  "on-trigger": {
    help:
      "the same as --motion, but when another program says so: by SIGUSR1, a line on standard " +
      "input, or POST /trigger with --http",
  },
  before: {
    value: "TIME",
    parse: parseDuration,
    help: `how much to record from before motion starts (default: ${BEFORE_MS / 1000}s)`,
  },
  after: {
    value: "TIME",
    parse: parseDuration,
    help: `how long nothing must move until motion has ended (default: ${AFTER_MS / 1000}s)`,
  },
  exec: {
    value: "CMD",
    parse: splitWords,
    help: "run CMD when something happens, e.g. motion or a lost connection; see below",
  },
  ...KEY_OPTIONS,
  forget: {
    value: "HOST",
    parse: String,
    help: "forget the key of a sender, given by its address or a camera's name, and exit",
  },
  ...MESSAGE_OPTIONS,
} as const;

/** @throws {UsageError} if names cannot be made by it */
function parsePattern(pattern: string): string {
  new Naming({ pattern });
  return pattern;
}

/** The receiver, for its command line and its help. */
export const RECEIVER: Program<typeof OPTIONS> = {
  name: "receiver",
  version: VERSION,
  operands: "[NAME|ADDRESS[/KEY[/CAMERA]]]",
  operand: "address",
  maxOperands: 1,
  summary: "Receives the picture of a camcat sender and shows it in a window or a terminal, " +
    "records it, or forwards it. q, Esc or closing the window exits.",
  options: OPTIONS,
  topics: {
    source: {
      title: "What to receive",
      text: [
        "Without ADDRESS, this finds the sender on this network whose key it has; of several, you " +
        "choose one. ADDRESS may be the name of a camera on this network, or a part of it, in any " +
        "case; a host of that name comes first.",
        `Or it is HOST, HOST:PORT or [IPV6]:PORT (default port: ${DEFAULT_PORT}). The sender ` +
        "prints it with its KEY. Without KEY, this asks for the code that `sender --pair` " +
        "shows. A key that has worked is saved, so the next time nothing is typed, also when the " +
        "sender has another address. A sender of the same user on this machine needs no key. When the connection is " +
        "lost, the window stays, shows NO SIGNAL and since when, and the receiver reconnects.",
      ],
    },
    display: { title: "Display" },
    sound: {
      title: "Sound",
      text: [
        "The sound of a camera that sends it (sender --sound) is played with its picture, by " +
        "pacat where PulseAudio or PipeWire has it, which is quickest, or else by ffplay. " +
        "Recordings have it as well, except .mjpeg. Where nothing is played, recorded or " +
        "listened for, the microphone is not asked for.",
      ],
    },
    "slow-links": { title: "Slow links" },
    record: {
      title: "Save and forward",
      text: [
        "A recording holds the JPEGs unmodified, with their capture times. After a crash it can " +
        "be played up to the last second. While the disk is full, recording pauses. When its " +
        "file is moved or deleted, recording goes on in a new one. The exit status is 1 if " +
        "received frames are missing. With --all-frames a slow network causes no gaps, only " +
        "delay. New files and folders can be read only by you, unless --shared leaves that to " +
        "the umask.",
      ],
    },
    recordings: {
      title: "Look at recordings",
      text: [
        "--http serves a page at http://HOST:PORT/#KEY with a line for each day. It plays " +
        "recordings while they are written, slower, faster and picture by picture, with their " +
        "sound up to 2x. KEY is this user's own key, which `sender --show-key` shows, or that of --key, " +
        "--key-file or CAMCAT_KEY; whoever has it can also delete. Programs use a token in its place, " +
        "which `sender --show-token recordings` prints: POST /trigger?reason=REASON, /start?reason=REASON " +
        "and /stop are the lines of --on-trigger.",
        "--export takes times as 2026-11-26T15:20, 15:20, 2026-11-26, or how long ago, as 90m; without FROM " +
        "it begins with the first recording, without TO it ends now. Times when nothing was recorded are cut.",
      ],
    },
    webcam: {
      title: "A webcam for other programs",
      text: [
        "With --webcam the camera is a webcam of this machine, for OBS, browsers and calls. It " +
        "gives pictures from the start, always of the same size and rate, with black borders " +
        "where the shape differs. This needs Linux and the kernel module v4l2loopback (package " +
        "v4l2loopback-dkms):",
        [["sudo modprobe v4l2loopback exclusive_caps=1 card_label=camcat", ""]],
      ],
    },
    motion: {
      title: "Motion and hooks",
      text: [
        "CMD is a program and its arguments. Quotes and backslashes group words, as in a shell; " +
        "nothing else is special, and no shell runs. CMD gets these variables, empty where they " +
        "do not apply:",
        [
          [
            "CAMCAT_EVENT",
            "connected, lost, live, not-live, motion, motion-end, recorded or snapshot (a file " +
            "is complete)",
          ],
          ["CAMCAT_TIME", "when it happened"],
          ["CAMCAT_CAMERA", "the name of the camera"],
          ["CAMCAT_ADDRESS", "the address of the sender"],
          ["CAMCAT_REASON", "why, for lost and not-live; picture or sound, for motion"],
          ["CAMCAT_LEVEL", "how loud it is, in decibels"],
          ["CAMCAT_SCORE", "how much of the picture has changed, in percent"],
          ["CAMCAT_SECONDS", "how long the motion or the recording was"],
          ["CAMCAT_FILE", "the file that is complete"],
        ],
        "With --on-trigger, a line on standard input is the reason, which goes into the names of " +
        "segments and to CMD. Recording ends --after later. A line `start REASON` records until " +
        "the line `stop`; SIGUSR2 stops, too.",
        "What CMD prints is shown with --verbose. When the receiver exits, a running CMD gets " +
        "2 s to finish.",
      ],
    },
    key: { title: "Key" },
    messages: { title: "Messages" },
  },
  examples: [
    ["receiver", "the sender on this network"],
    ['receiver "Front door"', "a camera by its name, or a part of it"],
    ["receiver 192.168.1.20:9000/KEY", "by its address, also from another network"],
    ["receiver 192.168.1.20 --camera all", "or one of them: --camera door"],
    ["receiver 192.168.1.20 --record yard/ --keep 20GB --motion", ""],
    ["receiver 192.168.1.20 --record yard/ --http 8081", "and look at it in a browser"],
    ["receiver --recordings yard/ --export 15:20..15:40 out.mp4", ""],
    ["receiver 192.168.1.20 --display terminal", ""],
    ["receiver --listen 9000", "for a sender with --push"],
    ["receiver 192.168.1.20 --record yard.mkv --display window", ""],
    ['receiver 192.168.1.20 --motion --exec "/home/me/alarm --loud"', ""],
    ["receiver 192.168.1.20 --snapshot now.jpg", ""],
    ["receiver 192.168.1.20 --snapshot pictures/ --every 10s", ""],
    ["receiver 192.168.1.20 --webcam auto", "then choose the camera in OBS, a browser, a call"],
    ["receiver 192.168.1.20 --stdout | ffmpeg -i - out.mp4", ""],
    ["receiver 192.168.1.20 --no-display --json", ""],
  ],
};

/** What a command line of the receiver says. */
export type ReceiverOptions = Options<typeof OPTIONS>;
