/**
 * `receiver`: shows the picture of a sender in a window.
 *
 * @module
 */

import {
  type Address,
  DEFAULT_PORT,
  formatAddress,
  parseAddress,
  parseListenAddress,
} from "./lib/address.ts";
import { now } from "./lib/clock.ts";
import { abortOnSignals, Console, formatMs, print, rounded, runProgram } from "./lib/console.ts";
import { CamcatError, UsageError } from "./lib/errors.ts";
import { Frame } from "./lib/frame.ts";
import { fade } from "./lib/jpeg.ts";
import { oneOf, parseCommandLine, type Program } from "./lib/options.ts";
import { Player, type PlayerName, PLAYERS } from "./lib/player.ts";
import {
  receive,
  type ReceivedFrame,
  type ReceiveEvent,
  receiveFrom,
  type ReceiveOptions,
} from "./lib/receive.ts";
import { accept, listen, reachableAddresses } from "./lib/serve.ts";
import { Quantiles, Rate } from "./lib/stats.ts";
import { VERSION } from "./lib/version.ts";

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
  "no-display": { help: "receive without showing anything" },
  once: { help: "end when the connection fails, instead of connecting again" },
  json: {
    help: "events and figures as JSON on standard output, one object a line",
  },
  quiet: { short: "q", help: "only errors" },
  verbose: { short: "v", help: "also what the player says" },
} as const;

const PROGRAM: Program<typeof OPTIONS> = {
  name: "receiver",
  version: VERSION,
  operands: "ADDRESS",
  maxOperands: 1,
  summary:
    "Shows the picture of a camcat sender in a window. q, Esc or closing the window ends it.",
  options: OPTIONS,
  more: `
ADDRESS is HOST, HOST:PORT or [IPV6]:PORT, as the sender prints it. The port is
${DEFAULT_PORT} if none is given. When the connection is lost the last picture stays,
faded, until the sender is back.

Examples:
  receiver 192.168.1.20
  receiver --listen 9000          for: sender --push THIS_MACHINE:9000
  receiver 192.168.1.20 --no-display --json`,
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
  if ((operands[0] === undefined) === (options.listen === undefined)) {
    throw new UsageError(
      "Cannot tell where the picture comes from: give an ADDRESS, or else --listen PORT. See --help",
    );
  }
  const address = operands[0] === undefined ? undefined : parseAddress(operands[0]);
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    await run({ ...options, address }, console, signal);
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

type Settings =
  & ReturnType<typeof parseCommandLine<typeof OPTIONS>>["options"]
  & { address: Address | undefined };

async function run(
  options: Settings,
  console: Console,
  outer: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const figures = new Figures();
  await using screen = options["no-display"]
    ? undefined
    : new Screen(options.player ?? "ffplay", (line) => console.detail(`player: ${line}`));

  const onEvent = (event: ReceiveEvent) => {
    figures.state = event.type === "lost"
      ? "lost"
      : event.type === "stream" && !event.live
      ? "not live"
      : "live";
    screen?.follow(event);
    tell(console, event);
  };
  const receiving = { signal, once: options.once, onEvent };
  const frames = options.address === undefined
    ? receiveListening(options.listen!, receiving, console)
    : receiveAloud(options.address, receiving, console);
  if (screen !== undefined) {
    screen.address = options.address === undefined
      ? "waiting sender"
      : formatAddress(options.address);
    screen.closed.then(() => stop.abort());
  }
  console.showStatus(() => figures.status());
  for await (const received of frames) {
    await screen?.show(received.frame);
    figures.add(received);
  }
  const failure = screen === undefined || outer.aborted ? undefined : await screen.closed;
  if (failure !== undefined) throw failure;
}

function receiveAloud(
  address: Address,
  options: ReceiveOptions & { once: boolean },
  console: Console,
) {
  const where = formatAddress(address);
  console.event({ event: "connecting", to: where }, `Connecting to ${where}`);
  return receive(address, options);
}

/** Waits for senders that push, one after another. */
async function* receiveListening(
  address: Address,
  options: ReceiveOptions & { signal: AbortSignal; once: boolean },
  console: Console,
): AsyncGenerator<ReceivedFrame, void, void> {
  const listener = listen(address);
  const addresses = reachableAddresses(listener);
  const lines = ["Waiting for a sender. Where the camera is, run:"]
    .concat(addresses.map((address) => `  sender --push ${address}`));
  console.event(
    { event: "listening", port: listener.addr.port, addresses },
    lines.join("\n"),
  );
  for await (const connection of accept(listener, options.signal)) {
    options.onEvent?.({ type: "connected" });
    try {
      yield* receiveFrom(connection, options);
    } catch (error) {
      if (!(error instanceof CamcatError) || options.once) throw error;
      options.onEvent?.({ type: "lost", reason: error.message });
    }
  }
}

/** The window, and what it shows when there is nothing new. */
class Screen implements AsyncDisposable {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly closed: Promise<CamcatError | undefined>;
  /** Where the picture comes from, for the title. */
  address = "";

  #name: PlayerName;
  #onLine: (line: string) => void;
  #player: Player | undefined;
  #stream: string | undefined;
  #state = "";
  #last: Frame | undefined;
  #close!: (error: CamcatError | undefined) => void;

  constructor(name: PlayerName, onLine: (line: string) => void) {
    this.#name = name;
    this.#onLine = onLine;
    Player.check(name);
    this.closed = new Promise((resolve) => this.#close = resolve);
  }

  /** Shows a frame, in a window that opens with the first one. */
  async show(frame: Frame): Promise<void> {
    this.#last?.release();
    this.#last = frame.retain();
    await this.#open().show(frame);
  }

  /** Lets title and picture tell what happened. */
  follow(event: ReceiveEvent): void {
    switch (event.type) {
      case "connected":
        break;
      case "stream":
        this.#stream = event.name;
        this.#state = event.live ? "" : `NOT LIVE: ${event.reason}`;
        break;
      case "lost":
        this.#state = `NOT LIVE: ${event.reason}. Connecting again`;
        if (this.#last !== undefined) {
          this.#player?.show(
            Frame.from(fade(this.#last.jpeg), { time: this.#last.time }),
          );
        }
        break;
    }
    this.#player?.setTitle(this.#title);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#player?.[Symbol.asyncDispose]();
  }

  get #title(): string {
    const what = this.#stream === undefined ? this.address : `${this.#stream} (${this.address})`;
    return this.#state === "" ? what : `${what} - ${this.#state}`;
  }

  #open(): Player {
    if (this.#player === undefined) {
      this.#player = Player.open(this.#name, this.#title, this.#onLine);
      this.#player.ended.then(this.#close);
    }
    return this.#player;
  }
}

/** What is shown of the frames in numbers. */
class Figures {
  state = "connecting";
  #frames = 0;
  #bytes = 0;
  #dropped = 0;
  #latencyMs = new Quantiles();
  #fps = new Rate(now());
  #byteRate = new Rate(now());

  add({ frame, capturedAt, dropped }: ReceivedFrame): void {
    this.#frames++;
    this.#bytes += frame.jpeg.length;
    this.#dropped += dropped;
    if (capturedAt !== undefined) this.#latencyMs.add(now() - capturedAt);
  }

  status() {
    const time = now();
    const fps = this.#fps.next(this.#frames, time);
    const megabits = this.#byteRate.next(this.#bytes, time) * 8 / 1e6;
    const [p50, p99] = [this.#latencyMs.at(0.5), this.#latencyMs.at(0.99)];
    return {
      text: `${this.state === "live" ? "" : `[${this.state}] `}${fps.toFixed(1)} fps  ` +
        `${megabits.toFixed(1)} Mbit/s  latency p50 ${formatMs(p50)} p99 ${
          formatMs(p99)
        }  ${this.#dropped} dropped`,
      json: {
        state: this.state,
        fps: rounded(fps),
        mbit_per_s: rounded(megabits),
        frames: this.#frames,
        dropped: this.#dropped,
        latency_p50_ms: rounded(p50),
        latency_p99_ms: rounded(p99),
      },
    };
  }
}

/** What was said last of a lost connection: trying again for an hour is one line. */
let toldReason = "";

function tell(console: Console, event: ReceiveEvent): void {
  const { type: state, ...rest } = event;
  const json = { event: "connection", state, ...rest };
  switch (event.type) {
    case "connected":
      return console.event(json);
    case "stream":
      toldReason = "";
      if (event.live) return console.event(json, `Receiving ${event.name}`);
      return console.warn(json, `${event.name} is not live. ${event.reason}`);
    case "lost":
      if (event.reason === toldReason) return console.event(json);
      toldReason = event.reason;
      return console.warn(json, `${event.reason}. Trying again`);
  }
}

if (import.meta.main) await runProgram("receiver", main);
