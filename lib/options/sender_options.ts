/**
 * The command line of the sender: the table of its options, and its help.
 *
 * @module
 */

import { parseDuration, parseRate } from "../base/quantity.ts";
import { parseSettings } from "../camera/controls.ts";
import { parseBrokerUrl } from "../broker/broker_url.ts";
import { parseCrop } from "../capture/filters.ts";
import { parseSize } from "../capture/source.ts";
import type { Options, Program } from "../program/option_table.ts";
import { decimal, oneOf, wholeNumber } from "../program/options.ts";
import { VERSION } from "../program/version.ts";
import { parseOrigins } from "../http/origin.ts";
import { DEFAULT_PORT, parseListenAddress } from "../protocol/address.ts";
import { parsePeer } from "../security/peer.ts";
import { KEY_OPTIONS, MESSAGE_OPTIONS, parseHttpAddress, parseNames } from "./common_options.ts";

/** How long a link of `--share` is valid, in days. */
export const SHARE_DAYS = 7;
/** Where the phone's page is served, if nothing else is said. */
export const PHONE_PORT = 8443;

const OPTIONS = {
  listen: {
    topic: "network",
    short: "l",
    value: "[HOST:]PORT",
    parse: parseListenAddress,
    help: `listen here (default: all interfaces, port ${DEFAULT_PORT}; port 0 picks a free port)`,
  },
  push: {
    short: "p",
    value: "HOST:PORT/KEY",
    parse: parsePeer,
    help: "connect to a receiver that runs with --listen, instead of listening",
  },
  "no-announce": { help: "do not let receivers find the cameras; they need the address" },
  "max-viewers": {
    value: "N",
    parse: wholeNumber(1, 10_000),
    help: "viewers served at the same time, per camera (default: 128)",
  },
  preview: { help: "also show the picture in a window on this machine" },
  http: {
    topic: "http",
    basic: true,
    value: "[HOST:]PORT",
    parse: parseHttpAddress,
    help: "also serve browsers and HTTP clients (default host: localhost; *:PORT for all " +
      "interfaces)",
  },
  "http-host": {
    value: "NAME,...",
    parse: parseNames,
    help: "host names that browsers may use, besides those of this machine",
  },
  "http-allow-origin": {
    value: "ORIGIN,...|*",
    parse: parseOrigins,
    help:
      "origins of other pages that may show the picture, e.g. http://octopi.local, or * for all",
  },
  share: {
    help: "print a link that lets anybody with it watch for a time, and exit; needs --http; " +
      "--camera limits it to one camera",
  },
  for: {
    value: "TIME",
    parse: parseDuration,
    help: `with --share: how long the link is valid (default: ${SHARE_DAYS}d)`,
  },
  "tls-cert": {
    value: "FILE",
    parse: String,
    help: "serve HTTPS with this certificate (PEM); needs --tls-key",
  },
  "tls-key": { value: "FILE", parse: String, help: "the private key of the certificate (PEM)" },
  list: {
    topic: "cameras",
    basic: true,
    help: "list the cameras, their modes and the microphones, and exit",
  },
  controls: { help: "list the controls of the camera, e.g. brightness, and exit" },
  set: {
    value: "NAME=N,...",
    parse: parseSettings,
    help: "set controls, in this order, whenever the camera starts",
  },
  silence: {
    value: "SECONDS",
    parse: decimal(1, 86_400),
    help:
      "restart a source after this long without a picture (default: 3 times its longest pause, " +
      "at least 5)",
  },
  loop: { help: "restart a file whenever it ends" },
  "rtsp-transport": {
    value: "auto|tcp|udp",
    parse: oneOf(["auto", "tcp", "udp"]),
    help: "how an RTSP camera sends (default: auto, TCP if the camera has it)",
  },
  "max-pixels": {
    value: "N",
    parse: wholeNumber(1, 65_535 ** 2),
    help: "drop pictures of more than N pixels (default: 33177600, 8K video)",
  },
  "on-demand": { basic: true, help: "open the camera only while someone watches" },
  linger: {
    value: "SECONDS",
    parse: decimal(0, 86_400),
    help: "with --on-demand: keep the camera open after the last viewer (default: 5)",
  },
  sound: {
    topic: "sound",
    basic: true,
    value: "[DEVICE]",
    bare: "default",
    parse: String,
    help: "send sound, too: of the microphone DEVICE, or the source's own",
  },
  stereo: { help: "send the microphone in stereo" },
  name: {
    topic: "picture",
    basic: true,
    short: "n",
    value: "NAME,...",
    parse: String,
    help: "the title that viewers see, one for each SOURCE (default: the source)",
  },
  size: {
    basic: true,
    short: "s",
    value: "WxH",
    parse: parseSize,
    help: "picture size, e.g. 1280x720, or x480 to keep the aspect ratio; cameras use their " +
      "nearest mode",
  },
  fps: {
    basic: true,
    short: "f",
    value: "N",
    parse: decimal(0.1, 240),
    help: "frames per second; cameras use their nearest mode",
  },
  quality: {
    value: "1-100",
    parse: wholeNumber(1, 100),
    help: "JPEG quality (default: MJPEG stays as it is, other video 90)",
  },
  crop: {
    value: "WxH+X+Y",
    parse: parseCrop,
    help: "send only this part: size, and distance from the left and the top *",
  },
  rotate: {
    value: "90|180|270",
    parse: (text: string) => Number(oneOf(["90", "180", "270"])(text)) as 90 | 180 | 270,
    help: "rotate clockwise, in degrees *",
  },
  flip: {
    value: "h|v",
    parse: oneOf(["h", "v"]),
    help: "mirror: h swaps left and right, v top and bottom *",
  },
  overlay: { help: "draw name, date and time into the picture *" },
  copy: { help: "forward MJPEG unmodified, or fail" },
  encode: { help: "always encode, at --quality" },
  publish: {
    topic: "broker",
    value: "redis://HOST/NAME",
    parse: parseBrokerUrl,
    help: "also publish at this Redis, for viewers of other senders (default NAME: that of --name)",
  },
  "broker-ca": {
    value: "FILE",
    parse: String,
    help: "with rediss: trust this authority (PEM) instead of the public ones",
  },
  camera: {
    topic: "relay",
    short: "c",
    value: "NAME|all",
    parse: String,
    help: "which of its cameras (default: the first), or all of them under their names",
  },
  "same-key": { help: "viewers need the key of that sender, instead of one of this user" },
  "phone-listen": {
    topic: "phone",
    value: "[HOST:]PORT",
    parse: parseListenAddress,
    help: `serve the phone's page here (default: all interfaces, port ${PHONE_PORT})`,
  },
  "no-adapt": {
    topic: "slow-links",
    help: "send everybody the camera's own pictures, however slow the link",
  },
  "adapt-cpu": {
    value: "CORES",
    parse: decimal(0.05, 64),
    help: "processor cores that smaller pictures may take (default: half of all)",
  },
  "max-rate": { value: "RATE", parse: parseRate, help: "send each viewer at most this, e.g. 2M" },
  ...KEY_OPTIONS,
  pair: {
    basic: true,
    help: "show a code of 6 digits, for a receiver or a page that has no key; also of a sender " +
      "that runs already",
  },
  "new-key": { help: "replace the key; the old one stops working" },
  "show-key": { help: "print the key, and exit" },
  "show-token": { help: "print the token, which HTTP clients use in place of the key, and exit" },
  ...MESSAGE_OPTIONS,
} as const;

/** The part of the command line that says whom to send to. */
export type ServingOptions = Pick<
  SenderOptions,
  | "listen"
  | "push"
  | "publish"
  | "broker-ca"
  | "http"
  | "http-host"
  | "http-allow-origin"
  | "no-announce"
  | "tls-cert"
  | "tls-key"
  | "max-pixels"
  | "open"
  | "key"
  | "key-file"
  | "new-key"
  | "preview"
  | "pair"
>;

/** The most cameras of a sender: more names would not fit into the list that a receiver gets. */
export const MAX_CAMERAS = 16;

/** The sender, for its command line and its help. */
export const SENDER: Program<typeof OPTIONS> = {
  name: "sender",
  version: VERSION,
  operands: "[SOURCE]...",
  operand: "source",
  maxOperands: MAX_CAMERAS,
  summary: "Sends the pictures of cameras to any number of viewers.",
  options: OPTIONS,
  topics: {
    source: {
      title: "What to send",
      text: [
        "SOURCE is one of these; without it, the first camera is used.",
        [
          ['"HD Pro Webcam"', "a camera, by its name or a part of it, in any case"],
          ["0, /dev/video0", "a camera, by its number in --list or its path"],
          ["screen, screen:1", "this machine's screen, or its second screen"],
          [
            "movie.mp4",
            "a file, played in real time; takes precedence over a camera of the same name " +
            "(but 0 is always a camera; a file: ./0)",
          ],
          ["rtsp://, http://", "anything else that ffmpeg can open"],
          ["-", "JPEGs on standard input"],
          ["test", "a built-in moving picture"],
          ["camcat://HOST:PORT/KEY", "another sender; camcat:NAME if it is on this network"],
          ["redis://HOST/NAME", "what another sender publishes (see --help broker)"],
          ["phone", "a phone, by its browser (see --help phone)"],
        ],
        "A camera's native MJPEG is preferred and forwarded unmodified, at the largest size up " +
        "to 1280x720 that reaches 30 fps. Anything else is encoded, as is anything changed by " +
        "--quality (or, for files and URLs, by --size or --fps).",
      ],
    },
    network: { title: "Where to send" },
    http: {
      title: "Browsers and HTTP clients",
      text: [
        "--http serves a page at http://HOST:PORT/#KEY, and for HTTP clients:",
        [
          ["/stream.mjpg", "the picture, for players and home automation"],
          ["/snapshot.jpg", "the newest picture"],
          ["/status.json", "figures; /metrics has them for Prometheus, /healthz for probes"],
        ],
        "With several cameras, add ?camera=NAME. Clients send the header " +
        '"Authorization: Bearer TOKEN", or the token as the password of Basic. Without ' +
        "--tls-cert, HTTP is not encrypted.",
        "A link of --share lets others watch and listen, and nothing else: on a page, or with " +
        "/stream.mjpg in the <img> of a page of your own, if --http-allow-origin allows that " +
        "page. --new-key ends all links. /?action=stream and /?action=snapshot work as with " +
        "mjpg-streamer.",
      ],
    },
    cameras: {
      title: "Cameras",
      text: [
        "With --json, --list prints one object per camera, --controls one per control. On Linux, " +
        "rates and controls need v4l2-ctl (package v4l-utils).",
      ],
    },
    sound: {
      title: "Sound",
      text: [
        "Nothing is heard without --sound. With it a camera is sent with the system's default " +
        "microphone, or with DEVICE: a number, a name or a part of it, as in --list. A file, a URL, " +
        "a phone and test have their own sound, unless DEVICE is named. With several SOURCEs the " +
        "microphone goes with the first that has none. With --on-demand it is open only while " +
        "someone listens. Put SOURCE before --sound, or write --sound=DEVICE.",
      ],
    },
    picture: {
      title: "Picture",
      text: [
        "* These need encoding, which costs processor time. The order is crop, rotate, flip, " +
        "--size, overlay.",
      ],
    },
    relay: {
      title: "Relay",
      text: [
        "SOURCE may be another sender. Its pictures are passed on as they are, with their numbers " +
        "and times. It and this sender have keys of their own.",
        [
          [
            "camcat://HOST:PORT/KEY",
            "the address that it shows; the key is saved for the next time",
          ],
          ["camcat://HOST:PORT/KEY/CAMERA", "one of its cameras; also: --camera CAMERA"],
          ["camcat://HOST:PORT/KEY --camera all", "all of them, and those that come later"],
          ["camcat:NAME", "a camera on this network, by its name or a part of it"],
        ],
        "It is connected all the time; with --on-demand only while someone watches, so that its " +
        "own --on-demand opens the camera only then.",
      ],
    },
    broker: {
      title: "Many viewers, over Redis",
      text: [
        "One sender publishes at a Redis or Valkey, and any number of others serve the viewers: " +
        "sender SOURCE --publish redis://HOST/NAME where the camera is, and sender " +
        "redis://HOST/NAME at each edge, with the same key. Pictures are sealed with it: the " +
        "broker sees none. Without NAME, an edge serves every camera there, and sender --list " +
        "redis://HOST lists them.",
        "The URL is redis[s]://[USER:PASSWORD@]HOST[:PORT][,HOST...][/NAME]. Several HOSTs may be a " +
        "primary and its replicas, Sentinels, or nodes of a Cluster. CAMCAT_REDIS_USER and " +
        "CAMCAT_REDIS_PASSWORD hold what should not be in a command line.",
      ],
    },
    phone: {
      title: "A phone as the camera",
      text: [
        "With the SOURCE phone the sender shows a QR code. The phone opens that page, asks for " +
        "its camera, and is the camera; --size, --fps and --quality say what it is asked for. " +
        "The code is only for phones that may be the camera: it does not let them watch. A " +
        "second phone replaces the first.",
        "Browsers give their camera to https only. Without --tls-cert and --tls-key the sender " +
        "makes its own certificate, and the phone's browser warns of it, once.",
      ],
    },
    "slow-links": { title: "Slow links" },
    key: {
      title: "Key",
      text: [
        "Everything is encrypted, and only viewers with the key can watch. The key is the last " +
        "part of the address printed at startup. It is created when first needed, and stays the " +
        "same until --new-key.",
        "Instead of copying it, run `sender --pair`, and type the code that it shows at the " +
        "receiver, or in the page. It works once, for 2 minutes. If a sender with the same key " +
        "runs already, the code is one of that; for another user's, add --key-file FILE.",
      ],
    },
    messages: { title: "Messages" },
  },
  examples: [
    ["sender", "then, elsewhere: receiver"],
    ["sender test", "without a camera"],
    ["sender 0 1 --name door,yard", "then: receiver ADDRESS --camera yard"],
    ["sender --http '*:8080'", "then open its address on a phone"],
    ["sender --pair", "then: receiver ADDRESS asks for the code"],
    ["sender phone", "then scan the code with a phone"],
    ["sender --push 192.168.1.20:9000/KEY", "to: receiver --listen 9000"],
    ["sender /dev/video2 --size 1920x1080 --on-demand", ""],
    ["sender brio --set auto_exposure=1,exposure_time_absolute=200", ""],
    ["sender --open --listen 127.0.0.1:9000", "for programs on this machine"],
  ],
};

/** What a command line of the sender says. */
export type SenderOptions = Options<typeof OPTIONS>;
