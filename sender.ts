/**
 * `sender`: captures from a camera and sends the picture to whoever connects.
 *
 * @module
 */

import {
  DEFAULT_PORT,
  EVERY_INTERFACE,
  formatAddress,
  parseListenAddress,
  parsePeer,
  type Peer,
} from "./lib/address.ts";
import { cameraLines, cameraTable, controlLines, controlTable } from "./lib/camera_report.ts";
import { listControls } from "./lib/camera_controls.ts";
import { hasV4l2Ctl, listCameras } from "./lib/cameras.ts";
import { capture, type CaptureOptions } from "./lib/capture.ts";
import { abortOnSignals, Console, print, runProgram } from "./lib/console.ts";
import { explainKey, KEY_OPTIONS, keyToConnectWith, keyToListenWith } from "./lib/credentials.ts";
import { Door } from "./lib/door.ts";
import { CamcatError, KeyError, UsageError } from "./lib/errors.ts";
import { feed } from "./lib/feed.ts";
import { findSource } from "./lib/find_source.ts";
import { handshakeAsSender } from "./lib/handshake.ts";
import { parseCrop } from "./lib/filters.ts";
import { Hub } from "./lib/hub.ts";
import { identityOf, trustNobodyElse } from "./lib/identity.ts";
import { rememberKey, reportRefused } from "./lib/key_report.ts";
import {
  decimal,
  oneOf,
  type Options,
  parseCommandLine,
  type Program,
  wholeNumber,
} from "./lib/options.ts";
import { preview } from "./lib/preview.ts";
import { CaptureReport } from "./lib/capture_report.ts";
import { SendingReport } from "./lib/sending_report.ts";
import { Studio } from "./lib/studio.ts";
import { listen, push, serve } from "./lib/serve.ts";
import { parseSettings } from "./lib/settings.ts";
import { nameOf, parseSize, type Source } from "./lib/source.ts";
import { VERSION } from "./lib/version.ts";
import { Webcam } from "./lib/webcam.ts";

const OPTIONS = {
  list: { help: "list the cameras and their modes; with --json one object a line for each" },
  controls: { help: "list the camera's controls (brightness, ...); --json as for --list" },
  set: {
    value: "NAME=N,...",
    parse: parseSettings,
    help: "set controls of the camera, in this order, at each start",
  },
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
  open: { help: "no key and no encryption: anyone on the network can watch" },
  ...KEY_OPTIONS,
  "new-key": { help: "make a new key; the old one opens nothing any more" },
  "show-key": { help: "print the key and end" },
  name: {
    short: "n",
    value: "NAME,...",
    parse: (text: string) => text.split(",").map((name) => name.trim()),
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
  copy: { help: "pass MJPEG on untouched, or fail" },
  encode: { help: "always encode, at --quality" },
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
    help: "viewers served at once (default: 128)",
  },
  preview: { help: "show the outgoing picture here, too" },
  json: {
    help: "events and figures as JSON on standard output, one object a line",
  },
  quiet: { short: "q", help: "only errors" },
  verbose: { short: "v", help: "also what ffmpeg says" },
} as const;

/** More names would not fit into the list that a receiver is given. */
const MAX_SOURCES = 16;

const PROGRAM: Program<typeof OPTIONS> = {
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

Examples:
  sender                                  then, elsewhere: receiver ADDRESS
  sender test                             without a camera
  sender /dev/video2 --size 1920x1080 --on-demand
  sender brio --set auto_exposure=1,exposure_time_absolute=200
  sender --push 192.168.1.20:9000/KEY     to: receiver --listen 9000
  sender --open --listen 127.0.0.1:9000   for other programs on this machine`,
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
  trustNobodyElse();
  if (options["show-key"]) {
    print(keyToListenWith(options, options["new-key"])?.text ?? "");
    return 0;
  }
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    checkOptions(options, operands);
    if (options.list) return await listAll(options.json);
    const sources: Source[] = [];
    for (const operand of operands.length > 0 ? operands : [undefined]) {
      sources.push(await findSource(operand));
    }
    checkSources(options, sources);
    if (options.controls) return await listAllControls(sources, options.json);
    await run(options, sources, console, signal);
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

/** Refuses options that contradict each other. */
function checkOptions(options: Options<typeof OPTIONS>, operands: string[]): void {
  const { copy, encode, quality, crop, rotate, flip, overlay, list, linger } = options;
  if (copy && encode) throw new UsageError("Cannot use --copy with --encode: they are opposites");
  if (copy && (overlay || [crop, rotate, flip].some((change) => change !== undefined))) {
    throw new UsageError(
      "Cannot use --copy with --crop, --rotate, --flip or --overlay: they need encoding",
    );
  }
  if (copy && quality !== undefined) {
    throw new UsageError("Cannot use --copy with --quality: a quality needs encoding");
  }
  if (list && operands.length > 0) {
    throw new UsageError("Cannot use --list with a SOURCE: it lists every camera");
  }
  if (linger !== undefined && !options["on-demand"]) {
    throw new UsageError("Cannot use --linger without --on-demand");
  }
}

/** Refuses options that the sources have no use for. */
function checkSources(options: Options<typeof OPTIONS>, sources: Source[]): void {
  if (options.loop && sources.some(({ kind }) => kind !== "file")) {
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

async function listAll(json: boolean): Promise<number> {
  const cameras = await listCameras();
  if (cameras.length === 0) throw new CamcatError("Cannot find a camera: plug one in");
  const withoutRates = Deno.build.os === "linux" && !json && !await hasV4l2Ctl();
  print((json ? cameraLines(cameras) : cameraTable(cameras, withoutRates)).join("\n"));
  return 0;
}

async function listAllControls(sources: Source[], json: boolean): Promise<number> {
  for (const source of sources) {
    if (source.kind !== "device") throw new TypeError("Cannot list the controls of no camera");
    const controls = await listControls(source.path, nameOf(source));
    if (sources.length > 1 && !json) print(`${nameOf(source)}:`);
    print((json ? controlLines(controls) : controlTable(controls)).join("\n"));
  }
  return 0;
}

type Settings = Options<typeof OPTIONS>;

/** A source with its name, and where its pictures go. */
interface Camera {
  source: Source;
  name: string;
  hub: Hub;
  report: CaptureReport;
}

async function run(
  options: Settings,
  sources: Source[],
  console: Console,
  outer: AbortSignal,
): Promise<void> {
  const { push: pushTo, listen: listenAt } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const cameras = camerasFor(sources, options, console);
  const feeds: (() => Promise<void>)[] = [];
  for (const camera of cameras) feeds.push(await prepare(camera, options, console, signal));
  const studio = new Studio(cameras.map(({ hub }) => hub));
  const report = new SendingReport(console, studio.cameras);

  const work: Promise<unknown>[] = [];
  if (listenAt !== undefined || pushTo === undefined) {
    const key = keyToListenWith(options, options["new-key"]);
    const handshake = key && handshakeAsSender(await identityOf(key));
    const listener = listen(listenAt ?? { hostname: EVERY_INTERFACE, port: DEFAULT_PORT });
    report.listening(listener, key);
    const door = handshake && new Door(handshake, { onRefused: reportRefused(console) });
    work.push(serve(studio, listener, { signal, door }));
  }
  if (pushTo !== undefined) {
    work.push(pushing(studio, pushTo, { options, signal, console, report }));
  }
  if (options.preview) {
    work.push(...cameras.map(({ hub }) => preview(hub, hub.name, signal)));
  }
  const status = cameras.map(({ hub, report }) => report.status(hub));
  console.showStatus(() => status.map((ofCamera) => ofCamera()));
  work.push(Promise.all(feeds.map((feed) => feed())));
  try {
    await Promise.race(work); // whichever ends first: the sources, a preview, or all by a signal
  } finally {
    const reason = outer.aborted ? "the sender was stopped" : "the source has ended";
    await Promise.all(cameras.map(({ hub }) => hub.close(reason)));
    stop.abort();
    await Promise.allSettled(work);
  }
}

/** Names the sources as the user does, or else by themselves. */
function camerasFor(sources: Source[], options: Settings, console: Console): Camera[] {
  const names = options.name ?? sources.map(nameOf);
  if (names.length !== sources.length) {
    throw new UsageError(
      `Cannot name ${sources.length} SOURCEs: --name must give as many names, received ${names.length}`,
    );
  }
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new UsageError(`Cannot send two cameras called "${twice}": give each its --name`);
  }
  return sources.map((source, index) => {
    const name = names[index];
    const report = new CaptureReport(console, name, sources.length === 1);
    const hub: Hub = new Hub({
      name,
      ...defined({ maxViewers: options["max-viewers"] }),
      ...report.viewerEvents(() => hub),
    });
    return { source, name, hub, report };
  });
}

/** Finds out whether a camera can do what is asked. @returns what feeds its hub */
async function prepare(
  camera: Camera,
  options: Settings,
  console: Console,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const { source, hub, report } = camera;
  const webcam = source.kind === "device" ? new Webcam(source, options.set) : undefined;
  const optionsOf = (signal: AbortSignal) => captureOptions(options, camera, console, signal);
  await webcam?.prepare(optionsOf(signal));
  return () =>
    feed(hub, {
      signal,
      onDemand: options["on-demand"],
      ...defined({ lingerMs: options.linger && options.linger * 1000, pause: webcam?.pause }),
      open: (signal) => webcam?.capture(optionsOf(signal)) ?? capture(source, optionsOf(signal)),
      onState: (state, error) => report.capture(state, error),
    });
}

/** What {@linkcode pushing} needs besides the cameras and the receiver. */
interface PushingContext {
  options: Settings;
  signal: AbortSignal;
  console: Console;
  report: SendingReport;
}

async function pushing(
  studio: Studio,
  { address, key }: Peer,
  { options, signal, console, report }: PushingContext,
): Promise<void> {
  const credential = keyToConnectWith(address, key, options);
  if (credential === undefined && !options.open) {
    throw new CamcatError(
      `Cannot push to ${formatAddress(address)} without its key: give the whole address that the ` +
        "receiver shows, or send to anybody who listens there with --open",
    );
  }
  report.pushing(address);
  try {
    await push(studio, address, {
      signal,
      handshake: credential && handshakeAsSender(await identityOf(credential.key)),
      onConnected: () => credential && rememberKey(console, address, credential),
      onFailed: (reason) => report.pushFailed(reason),
    });
  } catch (error) {
    throw error instanceof KeyError ? explainKey(error, address, credential) : error;
  }
}

function captureOptions(
  { loop, size, fps, quality, crop, rotate, flip, overlay, copy, encode }: Settings,
  { name, report }: Camera,
  console: Console,
  signal: AbortSignal,
): CaptureOptions {
  return {
    signal,
    loop,
    ...defined({ size, fps, quality, crop, rotate, flip }),
    ...defined({ copy: copy ? true : encode ? false : undefined }),
    ...(overlay ? { overlay: name } : {}),
    onNote: (note) => report.note(note),
    onDropped: () => report.broken(),
    onLine: (line) => console.detail(`ffmpeg: ${line}`),
  };
}

/** Leaves out what the user did not give, so that defaults stand where they are used. */
function defined<T extends Record<string, unknown>>(options: T) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

if (import.meta.main) await runProgram("sender", main);
