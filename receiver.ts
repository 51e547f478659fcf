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
import { abortOnSignals, Console, print, runProgram } from "./lib/console.ts";
import { CamcatError, UsageError } from "./lib/errors.ts";
import { oneOf, type Options, parseCommandLine, type Program } from "./lib/options.ts";
import { PLAYERS } from "./lib/player.ts";
import {
  receive,
  type ReceivedFrame,
  type ReceiveEvent,
  receiveFrom,
  type ReconnectOptions,
} from "./lib/receive.ts";
import { ReceivingReport } from "./lib/receiving_report.ts";
import { Screen } from "./lib/screen.ts";
import { accept, listen, reachableAddresses } from "./lib/serve.ts";
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
${DEFAULT_PORT} if none is given. When the connection is lost the window stays and shows
NO SIGNAL, and since when, until the sender is back.

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

type Settings = Options<typeof OPTIONS> & { address: Address | undefined };

async function run(options: Settings, console: Console, outer: AbortSignal): Promise<void> {
  const closed = new AbortController();
  const signal = AbortSignal.any([outer, closed.signal]);
  const report = new ReceivingReport(console);
  const { address } = options;
  await using screen = options["no-display"] ? undefined : new Screen(
    options.player ?? "ffplay",
    address === undefined ? "pushed here" : formatAddress(address),
    { signal, onLine: (line) => console.detail(`player: ${line}`) },
  );
  screen?.closed.then(() => closed.abort());
  const receiving = {
    signal,
    once: options.once,
    onEvent: (event: ReceiveEvent) => {
      report.connection(event);
      screen?.follow(event);
    },
  };
  if (address !== undefined) report.connecting(formatAddress(address));
  const frames = address === undefined
    ? receivePushed(options.listen!, receiving, report)
    : receive(address, receiving);
  console.showStatus(() => report.status());
  for await (const received of frames) {
    await screen?.show(received.frame);
    report.frame(received);
  }
  const failure = closed.signal.aborted ? await screen?.closed : undefined;
  if (failure !== undefined) throw failure;
}

/** Receives from senders that connect to us, one after another. */
async function* receivePushed(
  address: Address,
  options: ReconnectOptions & { signal: AbortSignal },
  report: ReceivingReport,
): AsyncGenerator<ReceivedFrame, void, void> {
  const listener = listen(address);
  report.listening(listener.addr.port, reachableAddresses(listener));
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

if (import.meta.main) await runProgram("receiver", main);
