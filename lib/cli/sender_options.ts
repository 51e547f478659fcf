/**
 * The command line of the sender.
 *
 * @module
 */

import { DEFAULT_PORT, EVERY_INTERFACE, parseListenAddress } from "../protocol/address.ts";
import { parsePeer } from "../security/peer.ts";
import { UsageError } from "../base/errors.ts";
import { parseCrop } from "../capture/filters.ts";
import { KEY_OPTIONS } from "./key_options.ts";
import { decimal, oneOf, type Options, type Program, wholeNumber } from "../program/options.ts";
import { parseSettings } from "../camera/controls.ts";
import { parseSize, type Source } from "../capture/source.ts";
import { VERSION } from "../program/version.ts";

const OPTIONS = {
  listen: {
    short: "l",
    value: "[HOST:]PORT",
    parse: parseListenAddress,
    help:
      `where to listen (default: every interface, port ${DEFAULT_PORT}; port 0 picks a free one)`,
  },
  push: {
    short: "p",
    value: "HOST:PORT/KEY",
    parse: parsePeer,
    help: "connect to a receiver that listens, instead of listening",
  },
  http: {
    value: "[HOST:]PORT",
    // Whoever can read along sees everything: others than this machine only if that is said.
    parse: (text: string) => parseListenAddress(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text),
    help: "also for browsers, and programs that speak HTTP (without HOST: on this machine; " +
      "*:PORT: every interface)",
  },
  "http-host": {
    value: "NAME,...",
    parse: (text: string) => text.split(",").map((name) => name.trim()),
    help: "names by which browsers may ask, besides this machine's own",
  },
  "tls-cert": { value: "FILE", parse: String, help: "with --tls-key: https with this certificate" },
  "tls-key": { value: "FILE", parse: String, help: "its private key, in PEM, too" },
  name: {
    short: "n",
    value: "NAME,...",
    parse: String,
    help: "what viewers see as the title, a name for each SOURCE (default: the source)",
  },
  size: {
    short: "s",
    value: "WxH",
    parse: parseSize,
    help: "picture size, as 1280x720, or x480 to keep the aspect; a camera's nearest",
  },
  fps: {
    short: "f",
    value: "N",
    parse: decimal(0.1, 240),
    help: "frames per second; a camera's nearest",
  },
  quality: {
    value: "1-100",
    parse: wholeNumber(1, 100),
    help: "JPEG quality (default: MJPEG untouched, other video 90)",
  },
  crop: {
    value: "WxH+X+Y",
    parse: parseCrop,
    help: "cut this out: width, height, columns left of it, rows above it *",
  },
  rotate: {
    value: "90|180|270",
    parse: (text: string) => Number(oneOf(["90", "180", "270"])(text)) as 90 | 180 | 270,
    help: "turn the picture clockwise *",
  },
  flip: {
    value: "h|v",
    parse: oneOf(["h", "v"]),
    help: "mirror it: h left to right, v upside down *",
  },
  overlay: { help: "write name, date and time into the picture *" },
  copy: { help: "pass MJPEG on untouched, or fail" },
  encode: { help: "always encode, at --quality" },
  loop: { help: "play a file again and again" },
  "on-demand": { help: "open the camera only while somebody watches" },
  linger: {
    value: "SECONDS",
    parse: decimal(0, 86_400),
    help: "how long --on-demand stays open after the last viewer (default: 5)",
  },
  "max-viewers": {
    value: "N",
    parse: wholeNumber(1, 10_000),
    help: "viewers of a camera served at once (default: 128)",
  },
  preview: { help: "show the outgoing picture here, too" },
  list: { help: "list the cameras and their modes; with --json one object a line for each" },
  controls: { help: "list the camera's controls (brightness, ...); --json as for --list" },
  set: {
    value: "NAME=N,...",
    parse: parseSettings,
    help: "set controls of the camera, in this order, at each start",
  },
  open: { help: "no key and no encryption: anyone on the network can watch" },
  ...KEY_OPTIONS,
  "new-key": { help: "make a new key; the old one opens nothing any more" },
  "show-key": { help: "print the key and end" },
  "show-token": { help: "print what programs send over --http in place of the key, and end" },
  json: {
    help: "events and figures as JSON on standard output, one object a line",
  },
  quiet: { short: "q", help: "only errors" },
  verbose: { short: "v", help: "also what ffmpeg says" },
} as const;

/** More names would not fit into the list that a receiver is given. */
const MAX_SOURCES = 16;

/** The sender, for its command line and its help. */
export const SENDER: Program<typeof OPTIONS> = {
  name: "sender",
  version: VERSION,
  operands: "[SOURCE]...",
  maxOperands: MAX_SOURCES,
  summary: "Sends the picture of a camera to any number of receivers.",
  options: OPTIONS,
  more: `
SOURCE is
  "HD Pro Webcam"    a camera, by its name or a part of it, in any case
  0, /dev/video0     a camera, by its number in --list, or by path, also /dev/v4l/by-id/...
  screen, screen:1   what is to be seen on this machine's screen, or its second one
  movie.mp4          a file, played at its own pace; it comes before a camera of that name
                     (but 0 is always a camera: a file of that name is ./0)
  rtsp://, http://   anything else that ffmpeg can open
  -                  JPEGs on standard input
  test               a built-in moving picture
Without SOURCE the first camera is used. Of a camera's modes its own MJPEG is taken, at
the largest size up to 1280x720 that reaches 30 fps; it is passed on untouched. What has no
MJPEG is encoded, and so is what --quality and, of a file or URL, --size or --fps change.

--list --json gives {name, path, device, number, modes: [{format, width, height, fps: [...],
anyFps}]}, rates from high to low, and problem where a camera could not be asked; path is
what stays the same. --controls --json gives {name, kind, min, max, default, value, choices,
flags}. On Linux rates and controls need v4l2-ctl (package v4l-utils).

* Each needs the picture encoded again, which costs processor time. They are
done in this order: crop, rotate, flip, then --size, then the overlay.

Everything is encrypted, and only who has the key can watch: it is the last part
of the address that is shown at the start. It is made when it is first needed,
and stays the same.

With --http a browser sees the picture at http://HOST:PORT/#KEY. There is also
  /stream.mjpg    the picture for players and home automation
  /snapshot.jpg   the newest picture
  /status.json    figures; /metrics the same for Prometheus; /healthz whether it runs
all of them with ?camera=NAME where there are several. Programs show the token:
Authorization: Bearer TOKEN, or Basic with it as the password. Without --tls-cert
nothing of this is encrypted.

Examples:
  sender                                  then, elsewhere: receiver ADDRESS
  sender test                             without a camera
  sender /dev/video2 --size 1920x1080 --on-demand
  sender brio --set auto_exposure=1,exposure_time_absolute=200
  sender 0 1 --name door,yard             then: receiver ADDRESS --camera yard
  sender --push 192.168.1.20:9000/KEY     to: receiver --listen 9000
  sender --http '*:8080'                  then, on a phone: the address that is shown
  sender --open --listen 127.0.0.1:9000   for other programs on this machine`,
};

/** What a command line of the sender says. */
export type SenderOptions = Options<typeof OPTIONS>;

/**
 * Refuses options that contradict each other.
 *
 * @throws {UsageError} if some do
 */
export function checkOptions(options: SenderOptions, operands: string[]): void {
  const { copy, encode, quality, crop, rotate, flip, overlay, list, linger, listen, http } =
    options;
  if (copy && encode) throw new UsageError("Cannot use --copy with --encode: they are opposites");
  if (copy && (overlay || [crop, rotate, flip].some((change) => change !== undefined))) {
    throw new UsageError(
      "Cannot use --copy with --crop, --rotate, --flip or --overlay: they need encoding",
    );
  }
  if (copy && quality !== undefined) {
    throw new UsageError("Cannot use --copy with --quality: a quality needs encoding");
  }
  const connectsOnly = options.push !== undefined && listen === undefined && http === undefined;
  if (options["new-key"] && connectsOnly) {
    throw new UsageError("Cannot use --new-key with --push: the key is that of the receiver");
  }
  if (list && operands.length > 0) {
    throw new UsageError("Cannot use --list with a SOURCE: it lists every camera");
  }
  for (const name of ["http-host", "tls-cert", "tls-key"] as const) {
    if (options[name] !== undefined && options.http === undefined) {
      throw new UsageError(`Cannot use --${name} without --http`);
    }
  }
  if ((options["tls-cert"] === undefined) !== (options["tls-key"] === undefined)) {
    throw new UsageError("Cannot use --tls-cert without --tls-key, nor the other way round");
  }
  if (http !== undefined && (listen !== undefined || options.push === undefined)) {
    const { hostname, port } = listen ?? { hostname: EVERY_INTERFACE, port: DEFAULT_PORT };
    const hosts = [hostname, http.hostname];
    if (
      port === http.port && port !== 0 && (hosts.includes(EVERY_INTERFACE) || hosts[0] === hosts[1])
    ) {
      throw new UsageError(
        `Cannot use port ${port} for both --listen and --http: choose another for one of them`,
      );
    }
  }
  if (linger !== undefined && !options["on-demand"]) {
    throw new UsageError("Cannot use --linger without --on-demand");
  }
}

/**
 * Refuses options that the sources have no use for.
 *
 * @throws {UsageError} if there is one
 */
export function checkSources(options: SenderOptions, sources: Source[]): void {
  if (options.loop && !sources.some(({ kind }) => kind === "file")) {
    throw new UsageError("Cannot use --loop: it is for files");
  }
  for (const name of ["controls", "set"] as const) {
    if (options[name] && sources.some(({ kind }) => kind !== "device")) {
      throw new UsageError(`Cannot use --${name}: it is for cameras`);
    }
  }
  if (sources.filter(({ kind }) => kind === "stdin").length > 1) {
    throw new UsageError("Cannot use - twice: there is only one standard input");
  }
}
