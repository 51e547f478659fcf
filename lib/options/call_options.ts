/**
 * The command line of a call: the table of its options, and its help.
 *
 * @module
 */

import { parseDuration, parseRate } from "../base/quantity.ts";
import { parseSize } from "../capture/source.ts";
import { PLAYERS } from "../display/players.ts";
import type { Options, Program } from "../program/option_table.ts";
import { decimal, oneOf } from "../program/options.ts";
import { VERSION } from "../program/version.ts";
import { CALL_PORT, parseListenAddress } from "../protocol/address.ts";
import { KEY_OPTIONS, MESSAGE_OPTIONS, parseNames } from "./common_options.ts";
import { DEFAULT_PLAYER } from "./receiver_options.ts";

/** How long a lost connection is waited for. */
export const DEFAULT_WAIT_MS = 30_000;
/** Where the page for browsers is by default. */
export const PAGE_PORT = 9443;

/** What nobody can do without a key. */
const { open: _, key, ...otherKeys } = KEY_OPTIONS;

const OPTIONS = {
  listen: {
    topic: "call",
    short: "l",
    value: "[HOST:]PORT",
    parse: parseListenAddress,
    help: `wait here (default: all interfaces, port ${CALL_PORT}; port 0 picks a free port)`,
  },
  name: {
    basic: true,
    short: "n",
    value: "NAME",
    parse: String,
    help: "what the other end sees, and finds you by (default: this machine's name)",
  },
  "auto-answer": { basic: true, help: "accept every call, for an end that nobody attends" },
  once: { help: "exit after one call that was accepted, instead of waiting for the next" },
  "no-announce": { help: "do not let others find you by name; they need the address" },
  "no-ring": { help: "make no sound when somebody calls" },
  pair: { help: "show a code of 6 digits that callers can type instead of the key, for 2 minutes" },
  wait: {
    value: "TIME",
    parse: parseDuration,
    help: `wait so long for a lost connection to come back (default: ${DEFAULT_WAIT_MS / 1000}s)`,
  },
  page: {
    topic: "page",
    basic: true,
    value: "[[HOST:]PORT]",
    bare: `${PAGE_PORT}`,
    parse: parseListenAddress,
    help: `let browsers call, from a page served here (default: all interfaces, port ${PAGE_PORT})`,
  },
  "http-host": {
    value: "NAME,...",
    parse: parseNames,
    help: "host names for the link, e.g. those of the certificate",
  },
  "tls-cert": {
    value: "FILE",
    parse: String,
    help: "a certificate that browsers trust (PEM); needs --tls-key",
  },
  "tls-key": { value: "FILE", parse: String, help: "the private key of the certificate (PEM)" },
  camera: {
    topic: "send",
    basic: true,
    short: "c",
    value: "SOURCE",
    parse: String,
    help: "the camera, as the SOURCE of sender (default: the first)",
  },
  microphone: {
    value: "DEVICE",
    parse: String,
    help: "the microphone, as in sender --list (default: the system's)",
  },
  size: { value: "WxH", parse: parseSize, help: "the size of your picture" },
  fps: { value: "N", parse: decimal(0.1, 1000), help: "pictures per second" },
  "max-rate": { value: "RATE", parse: parseRate, help: "send at most this, e.g. 500k or 2M" },
  "no-camera": { basic: true, help: "do not send a picture" },
  "no-sound": { basic: true, help: "no sound, neither yours nor theirs" },
  "no-echo-cancel": { help: "leave the echo to your headphones" },
  "no-self": { topic: "display", basic: true, help: "do not show your own picture" },
  "no-display": { help: "show no picture at all" },
  player: {
    value: PLAYERS.join("|"),
    parse: oneOf(PLAYERS),
    help: `the program that shows the windows (default: ${DEFAULT_PLAYER})`,
  },
  key: { ...key, topic: "key" },
  ...otherKeys,
  ...MESSAGE_OPTIONS,
};

/** The call, for its command line and its help. */
export const CALL: Program<typeof OPTIONS> = {
  name: "call",
  version: VERSION,
  operands: "[ADDRESS]",
  operand: "address",
  maxOperands: 1,
  summary: "Calls somebody: both ends see and hear each other.",
  options: OPTIONS,
  topics: {
    call: {
      title: "Calling and waiting",
      text: [
        "Without ADDRESS, this waits for calls, one at a time, and shows what to run on the other " +
        "machine. ADDRESS is HOST[:PORT][/KEY], or the name of somebody who waits on this " +
        "network. A key that has worked is saved. Only the end that waits needs an open port.",
        [
          ["y, n", "accept or refuse a call"],
          ["q", "hang up; also in a window, by closing it, or by Ctrl-C"],
          ["m", "mute your microphone, or end that"],
        ],
        "Camera and microphone are opened when a call is accepted, and closed when it is over; " +
        "only whoever calls opens the camera while it rings. " +
        "When the connection is lost, both ends show NO SIGNAL and wait for it.",
      ],
    },
    page: {
      title: "Calls from a browser",
      text: [
        "With --page this end also shows a link and a QR code. Whoever opens the link, in a browser " +
        "of a computer or phone, can call without a program, and do nothing else. The page is " +
        "https with a certificate of its own, which browsers warn of once; --tls-cert has one " +
        "without. Only on this machine, --page localhost:PORT, it is http.",
      ],
    },
    send: {
      title: "What the other end gets",
      text: [
        "Where the camera or the microphone is missing, the call goes on without. On Linux the " +
        "sound server (PulseAudio or PipeWire) is asked to cancel the echo. Where it cannot, use " +
        "headphones.",
      ],
    },
    display: { title: "Display" },
    key: { title: "Key" },
    messages: { title: "Messages" },
  },
  examples: [
    ["call", "wait for a call"],
    ["call 192.168.1.20/KEY", "call for the first time"],
    ["call 192.168.1.20", "the next time"],
    ["call kitchen", "by the name, on this network"],
    ["call --page", "wait for a call, also from a browser"],
    ["call --auto-answer --name kitchen", "answer every call"],
    ["call 192.168.1.20 --no-camera", "only your voice"],
  ],
};

/** What a command line of a call says. */
export type CallOptions = Options<typeof OPTIONS>;
