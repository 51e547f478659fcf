/**
 * `sender`: captures from a camera and sends the picture to whoever connects.
 *
 * @module
 */

import { type Address, formatAddress, parseAddress, parseListenAddress } from "./lib/address.ts";
import { DEFAULT_PORT, EVERY_INTERFACE } from "./lib/address.ts";
import { capture } from "./lib/capture.ts";
import { now } from "./lib/clock.ts";
import { abortOnSignals, Console, formatMs, print, rounded, runProgram } from "./lib/console.ts";
import { type CamcatError, UsageError } from "./lib/errors.ts";
import { type CaptureState, feed } from "./lib/feed.ts";
import { Hub } from "./lib/hub.ts";
import { decimal, parseCommandLine, type Program, wholeNumber } from "./lib/options.ts";
import { preview } from "./lib/preview.ts";
import { listen, push, reachableAddresses, serve } from "./lib/serve.ts";
import { firstCamera, nameOf, parseSize, parseSource } from "./lib/source.ts";
import { Rate } from "./lib/stats.ts";
import { VERSION } from "./lib/version.ts";

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
    value: "HOST:PORT",
    parse: parseAddress,
    help: "connect to a receiver that listens, instead of listening",
  },
  name: {
    short: "n",
    value: "NAME",
    parse: String,
    help: "what viewers see as the title (default: the source)",
  },
  size: {
    short: "s",
    value: "WxH",
    parse: parseSize,
    help: "picture size, as 1280x720, or x480 to keep the aspect",
  },
  fps: {
    short: "f",
    value: "N",
    parse: decimal(0.1, 240),
    help: "frames per second",
  },
  quality: {
    value: "1-100",
    parse: wholeNumber(1, 100),
    help: "JPEG quality (default: MJPEG untouched, other video 90)",
  },
  loop: { help: "play a file again and again" },
  "on-demand": { help: "open the camera only while somebody watches" },
  "max-viewers": {
    value: "N",
    parse: wholeNumber(1, 10_000),
    help: "viewers served at once (default: 128)",
  },
  preview: { help: "show the outgoing picture here, too" },
  json: {
    help: "events and figures as JSON on standard output, one object a line",
  },
  quiet: { short: "q", help: "only errors" },
  verbose: { short: "v", help: "also what ffmpeg says" },
} as const;

const PROGRAM: Program<typeof OPTIONS> = {
  name: "sender",
  version: VERSION,
  operands: "[SOURCE]",
  maxOperands: 1,
  summary: "Sends the picture of a camera to any number of receivers.",
  options: OPTIONS,
  more: `
SOURCE is
  /dev/video0        a camera, by number or by /dev/v4l/by-id/...
  movie.mp4          a file, played at its own pace
  rtsp://, http://   anything else that ffmpeg can open
  -                  JPEGs on standard input
  test               a built-in moving picture
Without SOURCE the first camera is used. MJPEG is passed on untouched unless
--size, --fps or --quality need it encoded again.

Anyone who can reach the port can watch: use it on networks you trust.

Examples:
  sender                                  then, elsewhere: receiver ADDRESS
  sender test --listen 127.0.0.1:9000     nobody but this machine
  sender /dev/video2 --size 1920x1080 --on-demand
  sender --push 192.168.1.20:9000         to: receiver --listen 9000`,
};

async function main(): Promise<number> {
  const { options, operands, print: answer } = parseCommandLine(
    PROGRAM,
    Deno.args,
  );
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    const source = operands[0] === undefined ? firstCamera() : parseSource(operands[0]);
    if (options.loop && source.kind !== "file") {
      throw new UsageError("Cannot use --loop: it is for files");
    }
    await run(
      { ...options, source, name: options.name ?? nameOf(source) },
      console,
      signal,
    );
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

type Settings =
  & Omit<ReturnType<typeof parseCommandLine<typeof OPTIONS>>["options"], "name">
  & { source: ReturnType<typeof parseSource>; name: string };

async function run(
  options: Settings,
  console: Console,
  outer: AbortSignal,
): Promise<void> {
  const { source, name } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const hub = new Hub({
    name,
    ...(options["max-viewers"] === undefined ? {} : { maxViewers: options["max-viewers"] }),
    onConnected: (peer) =>
      console.event(
        { event: "viewer", state: "connected", peer, viewers: hub.viewers },
        `${peer} connected (${viewers(hub)})`,
      ),
    onLeft: (peer, reason, seconds) =>
      console.event(
        {
          event: "viewer",
          state: "left",
          peer,
          viewers: hub.viewers,
          reason,
          seconds: rounded(seconds),
        },
        `${peer} left after ${seconds.toFixed(0)} s: ${reason} (${viewers(hub)})`,
      ),
  });

  const work: Promise<void>[] = [];
  const { push: pushTo, listen: listenAt } = options;
  if (listenAt !== undefined || pushTo === undefined) {
    const listener = listen(
      listenAt ?? { hostname: EVERY_INTERFACE, port: DEFAULT_PORT },
    );
    announce(listener, name, console);
    work.push(serve(hub, listener, signal));
  }
  if (pushTo !== undefined) work.push(pushAloud(hub, pushTo, console, signal));
  if (options.preview) work.push(preview(hub, name, signal));

  let state: CaptureState = "idle";
  console.showStatus(statusOf(hub, () => state));
  const { loop, size, fps, quality } = options;
  const feeding = feed(hub, {
    signal,
    onDemand: options["on-demand"],
    open: (signal) =>
      capture(source, {
        signal,
        loop,
        ...(size === undefined ? {} : { size }),
        ...(fps === undefined ? {} : { fps }),
        ...(quality === undefined ? {} : { quality }),
        onNote: (note) => console.event({ event: "note", message: note }, note),
        onLine: (line) => console.detail(`ffmpeg: ${line}`),
      }),
    onState: (next, error) => {
      state = next;
      tellState(console, name, next, error);
    },
  });
  try {
    await Promise.race([feeding, ...work]);
  } finally {
    const reason = outer.aborted ? "the sender was stopped" : "the source has ended";
    await hub.close(reason);
    stop.abort();
    await Promise.allSettled([feeding, ...work]);
  }
}

function announce(
  listener: Deno.TcpListener,
  name: string,
  console: Console,
): void {
  const addresses = reachableAddresses(listener);
  const lines = [
    `Sending ${name}. Anyone who can reach this machine can watch. Elsewhere run:`,
  ]
    .concat(addresses.map((address) => `  receiver ${address}`));
  console.event(
    { event: "listening", port: listener.addr.port, addresses },
    lines.join("\n"),
  );
}

async function pushAloud(
  hub: Hub,
  address: Address,
  console: Console,
  signal: AbortSignal,
): Promise<void> {
  const to = formatAddress(address);
  console.event({ event: "pushing", to }, `Pushing to ${to}`);
  let told: string | undefined;
  await push(hub, address, {
    signal,
    onFailed: (reason) => {
      if (reason === told) return; // once is enough
      told = reason;
      console.warn(
        { event: "push-failed", to, reason },
        `${reason}. Trying again`,
      );
    },
  });
}

function tellState(
  console: Console,
  name: string,
  state: CaptureState,
  error?: CamcatError,
): void {
  const event = { event: "capture", state, source: name };
  if (error !== undefined) {
    console.warn(
      { ...event, reason: error.message },
      `${error.message}. Trying again`,
    );
    if (error.details) console.detail(error.details);
  } else {
    const text = {
      starting: undefined,
      live: `${name} is live`,
      lost: undefined,
      idle: `${name} is off until somebody watches`,
      ended: `${name} has ended`,
    }[state];
    console.event(event, text);
  }
}

function statusOf(hub: Hub, state: () => CaptureState) {
  const frames = new Rate(now());
  const bytes = new Rate(now());
  return () => {
    const time = now();
    const { totals, latencyMs } = hub;
    const fps = frames.next(totals.frames, time);
    const megabits = bytes.next(totals.sentBytes, time) * 8 / 1e6;
    const [p50, p99] = [latencyMs.at(0.5), latencyMs.at(0.99)];
    return {
      text:
        `${state() === "live" ? "" : `[${state()}] `}${fps.toFixed(1)} fps  ${
          megabits.toFixed(1)
        } Mbit/s  ` +
        `${viewers(hub)}  latency p50 ${formatMs(p50)} p99 ${
          formatMs(p99)
        }  ${totals.droppedFrames} dropped`,
      json: {
        state: state(),
        fps: rounded(fps),
        mbit_per_s: rounded(megabits),
        viewers: hub.viewers,
        frames: totals.frames,
        dropped: totals.droppedFrames,
        latency_p50_ms: rounded(p50),
        latency_p99_ms: rounded(p99),
      },
    };
  };
}

function viewers(hub: Hub): string {
  return hub.viewers === 1 ? "1 viewer" : `${hub.viewers} viewers`;
}

if (import.meta.main) await runProgram("sender", main);
