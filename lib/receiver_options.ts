/**
 * The command line of the receiver.
 *
 * @module
 */

import { DEFAULT_PORT, parseListenAddress } from "./address.ts";
import { KEY_OPTIONS } from "./credentials.ts";
import { UsageError } from "./errors.ts";
import { oneOf, type Options, type Program } from "./options.ts";
import { PLAYERS } from "./player_input.ts";
import { duration } from "./quantity.ts";
import { VERSION } from "./version.ts";

/** Where a picture can be shown. */
const DISPLAYS = ["window", "terminal", "none"] as const;

const OPTIONS = {
  listen: {
    short: "l",
    value: "[HOST:]PORT",
    parse: parseListenAddress,
    help: "wait for a sender with --push, instead of connecting to one",
  },
  player: {
    value: "ffplay|mpv",
    parse: oneOf(PLAYERS),
    help: "the program that shows the picture (default: ffplay)",
  },
  display: {
    short: "d",
    value: "window|terminal|none",
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
  every: { value: "TIME", parse: duration, help: "with --snapshot: one every 10s, 5m, 2h" },
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

Examples:
  receiver 192.168.1.20:9000/KEY
  receiver 192.168.1.20           the next time
  receiver 192.168.1.20 --camera door, or receiver 192.168.1.20//door
  receiver 192.168.1.20 --camera all
  receiver --listen 9000          for: sender --push THIS_MACHINE:9000/KEY
  receiver 192.168.1.20 --no-display --json
  receiver 192.168.1.20 --display terminal
  receiver 192.168.1.20 --stdout | ffmpeg -i - out.mp4
  receiver 192.168.1.20 --snapshot now.jpg
  receiver 192.168.1.20 --snapshot pictures/ --every 10s --display window`,
};

/** What a command line of the receiver says. */
export type ReceiverOptions = Options<typeof OPTIONS>;

/** Where the picture is to be shown. */
export function displayOf(options: ReceiverOptions): typeof DISPLAYS[number] {
  return options["no-display"]
    ? "none"
    : options.display ?? (goesElsewhere(options) ? "none" : "window");
}

/** Whether the pictures go to where people do not see them. */
export function goesElsewhere({ stdout, snapshot }: ReceiverOptions): boolean {
  return stdout || snapshot !== undefined;
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
  if (options.every !== undefined && options.snapshot === undefined) {
    throw new UsageError("Cannot use --every without --snapshot: it tells how often to write one");
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
