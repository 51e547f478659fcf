/**
 * `receiver`: shows the picture of a sender, or passes it on.
 *
 * @module
 */

import { formatAddress, parsePeer, type Peer } from "./lib/address.ts";
import { Backoff, wait } from "./lib/backoff.ts";
import { abortOnSignals, Console, joinStatus, print, runProgram } from "./lib/console.ts";
import {
  type Credential,
  explainKey,
  keyToConnectWith,
  keyToListenWith,
} from "./lib/credentials.ts";
import { type Connection, isEncrypted } from "./lib/connection.ts";
import { Door } from "./lib/door.ts";
import { CamcatError, KeyError, UsageError } from "./lib/errors.ts";
import { Grid } from "./lib/grid.ts";
import { handshakeAsViewer } from "./lib/handshake.ts";
import { identityOf, trustNobodyElse } from "./lib/identity.ts";
import { rememberKey, reportRefused } from "./lib/key_report.ts";
import { Keyring } from "./lib/keyring.ts";
import { parseCommandLine } from "./lib/options.ts";
import { openOutputs } from "./lib/outputs.ts";
import { Player } from "./lib/player.ts";
import {
  receive,
  type ReceivedFrame,
  type ReceiveEvent,
  receiveFrom,
  type ReconnectOptions,
} from "./lib/receive.ts";
import {
  ALL_CAMERAS,
  checkOptions,
  displayOf,
  goesElsewhere,
  RECEIVER,
  type ReceiverOptions,
} from "./lib/receiver_options.ts";
import { ReceivingReport } from "./lib/receiving_report.ts";
import { camerasOf } from "./lib/remote_cameras.ts";
import { accept, listen } from "./lib/serve.ts";

async function main(): Promise<number> {
  const { options, operands, print: answer } = parseCommandLine(
    RECEIVER,
    Deno.args,
  );
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  trustNobodyElse();
  if (options.forget !== undefined) return forget(options.forget);
  checkOptions(options, operands);
  const peer = operands[0] === undefined ? undefined : parsePeer(operands[0]);
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    const camera = options.camera ?? peer?.camera;
    if (options.cameras) await listCameras(peer, options, signal);
    else if (camera === ALL_CAMERAS) await runAll({ ...options, peer }, console, signal);
    else await run({ ...options, peer }, console, signal);
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

function forget(host: string): number {
  const forgotten = Keyring.ofUser().forget(host);
  if (forgotten.length === 0) throw new CamcatError(`No key of ${host} is remembered`);
  for (const address of forgotten) print(`The key of ${address} is forgotten`);
  return 0;
}

async function listCameras(
  peer: Peer | undefined,
  options: ReceiverOptions,
  signal: AbortSignal,
): Promise<void> {
  if (peer === undefined) {
    throw new UsageError("Cannot list the cameras of who is yet to come: give an ADDRESS");
  }
  const credential = keyToConnectWith(peer.address, peer.key, options);
  const cameras = await askForCameras(peer, credential, signal);
  print(options.json ? JSON.stringify({ event: "cameras", cameras }) : cameras.join("\n"));
}

/** The cameras of a sender. @param onFailure is told of it, and then it is tried again */
async function askForCameras(
  { address }: Peer,
  credential: Credential | undefined,
  signal: AbortSignal,
  onFailure?: (reason: string) => void,
): Promise<string[]> {
  const handshake = credential && handshakeAsViewer(await identityOf(credential.key));
  const orOpen = credential?.from === "own";
  for (const backoff = new Backoff();; await wait(backoff.nextMs(), signal)) {
    try {
      return await camerasOf(address, { signal, handshake, orOpen });
    } catch (error) {
      if (error instanceof KeyError) throw explainKey(error, address, credential);
      if (!(error instanceof CamcatError) || onFailure === undefined || signal.aborted) throw error;
      onFailure(error.message);
    }
  }
}

type Settings = ReceiverOptions & { peer: Peer | undefined };

async function run(options: Settings, console: Console, outer: AbortSignal): Promise<void> {
  const closed = new AbortController();
  const signal = AbortSignal.any([outer, closed.signal]);
  const report = new ReceivingReport(console);
  const { peer } = options;
  const credential = peer && keyToConnectWith(peer.address, peer.key, options);
  const from = peer === undefined ? "pushed here" : formatAddress(peer.address);
  const address = peer === undefined ? "" : from;
  await using output = openOutputs(options, { from, address, console, report, signal });
  output.ended.then(() => closed.abort());
  const receiving = {
    signal,
    camera: options.camera ?? peer?.camera,
    allFrames: options["all-frames"],
    once: options.once,
    onEvent: (event: ReceiveEvent) => {
      if (event.type === "connected" && peer && credential) {
        rememberKey(console, peer.address, credential);
      }
      report.connection(event);
      output.follow?.(event);
    },
  };
  if (peer !== undefined) report.connecting(formatAddress(peer.address));
  const frames = peer === undefined
    ? receivePushed(options, receiving, console, report)
    : receiveFromPeer(peer, credential, receiving);
  console.showStatus(() => [joinStatus(report.status(), output.status?.())]);
  try {
    for await (const received of frames) {
      const taken = output.take(received);
      if (taken !== undefined) await taken;
      report.frame(received);
    }
  } catch (error) {
    if (error instanceof CamcatError) output.follow?.({ type: "lost", reason: error.message });
    throw error;
  }
  const failure = closed.signal.aborted ? await output.ended : undefined;
  if (failure !== undefined) throw failure;
}

/** Shows every camera of a sender, in one window. */
async function runAll(options: Settings, console: Console, outer: AbortSignal): Promise<void> {
  const { peer } = options;
  if (peer === undefined) {
    throw new UsageError("Cannot show all cameras of who is yet to come: give an ADDRESS");
  }
  if (goesElsewhere(options)) {
    throw new UsageError(
      "Cannot use --record, --snapshot or --stdout with all cameras: name one with --camera",
    );
  }
  if (displayOf(options) !== "window") {
    throw new UsageError(
      "Cannot show all cameras without a window: name one with --camera, or leave out --display",
    );
  }
  for (const name of ["exec", "motion"] as const) {
    if (options[name]) {
      throw new UsageError(`Cannot use --${name} with all cameras: name one with --camera`);
    }
  }
  const player = options.player ?? "ffplay";
  Player.check(player);
  const from = formatAddress(peer.address);
  const credential = keyToConnectWith(peer.address, peer.key, options);
  const all = new ReceivingReport(console);
  all.connecting(from);
  const onFailure = (reason: string) => all.connection({ type: "lost", reason });
  const cameras = await askForCameras(peer, credential, outer, options.once ? undefined : onFailure)
    .catch((error) => {
      if (outer.aborted) return []; // asked to end
      throw error;
    });
  if (cameras.length === 0) return;
  if (cameras.length === 1) return await run({ ...options, camera: cameras[0] }, console, outer);

  const closed = new AbortController();
  const signal = AbortSignal.any([outer, closed.signal]);
  await using grid = new Grid(player, from, cameras, {
    signal,
    onLine: (line) => console.detail(line),
  });
  grid.closed.then(() => closed.abort());
  if (credential) rememberKey(console, peer.address, credential);
  const reports = cameras.map((camera) => new ReceivingReport(console, camera));
  console.showStatus(() => reports.map((report) => report.status()));
  await Promise.all(cameras.map(async (camera, index) => {
    const report = reports[index];
    const onEvent = (event: ReceiveEvent) => {
      report.connection(event);
      grid.follow(index, event);
    };
    const { once, "all-frames": allFrames } = options;
    const receiving = { signal, camera, allFrames, once, onEvent };
    for await (const received of receiveFromPeer(peer, credential, receiving)) {
      await grid.show(index, received.frame);
      report.frame(received);
    }
  }));
  const failure = closed.signal.aborted ? await grid.closed : undefined;
  if (failure !== undefined) throw failure;
}

/** Receives from the sender the user has named. */
async function* receiveFromPeer(
  { address }: Peer,
  credential: Credential | undefined,
  options: ReconnectOptions,
): AsyncGenerator<ReceivedFrame, void, void> {
  try {
    // The own key was not asked for: an open sender on this machine is as good.
    const orOpen = credential?.from === "own";
    yield* receive(address, { ...options, key: credential?.key, orOpen });
  } catch (error) {
    throw error instanceof KeyError ? explainKey(error, address, credential) : error;
  }
}

/** Receives from senders that connect to us, one after another. */
async function* receivePushed(
  options: Settings,
  receiving: ReconnectOptions & { signal: AbortSignal },
  console: Console,
  report: ReceivingReport,
): AsyncGenerator<ReceivedFrame, void, void> {
  const key = keyToListenWith(options);
  const handshake = key && handshakeAsViewer(await identityOf(key));
  const listener = listen(options.listen!);
  report.listening(listener, key);
  const door = handshake && new Door(handshake, { onRefused: reportRefused(console) });
  const { signal } = receiving;
  // One is shown, one may wait.
  const senders = new ReadableStream<Connection>({
    start: (queue) => {
      accept(listener, { signal, door }, (connection) => {
        if (queue.desiredSize === 0) connection.close();
        else queue.enqueue(connection);
      }).then(() => queue.close());
    },
  });
  for await (const connection of senders) {
    receiving.onEvent?.({ type: "connected", encrypted: isEncrypted(connection) });
    try {
      yield* receiveFrom(connection, receiving);
    } catch (error) {
      if (!(error instanceof CamcatError) || receiving.once) throw error;
      receiving.onEvent?.({ type: "lost", reason: error.message });
    }
  }
}

if (import.meta.main) await runProgram("receiver", main);
