/**
 * `receiver`: shows the picture of a sender, or passes it on.
 *
 * @module
 */

import { formatAddress } from "./lib/protocol/address.ts";
import { parsePeer, type Peer } from "./lib/security/peer.ts";
import { wait } from "./lib/base/abort.ts";
import { Backoff } from "./lib/base/backoff.ts";
import { Console } from "./lib/program/console.ts";
import { type Credential, explainKey, keyToConnectWith } from "./lib/security/credentials.ts";
import { CamcatError, KeyError, UsageError } from "./lib/base/errors.ts";
import { Grid } from "./lib/display/grid.ts";
import { handshakeAsViewer } from "./lib/security/handshake.ts";
import { identityOf } from "./lib/security/identity.ts";
import { Keyring } from "./lib/security/keyring.ts";
import { parseCommandLine } from "./lib/program/options.ts";
import { Player } from "./lib/display/player.ts";
import {
  ALL_CAMERAS,
  checkAllCameras,
  checkOptions,
  displayOf,
  ofCamera,
  RECEIVER,
  type ReceiverOptions,
} from "./lib/cli/receiver_options.ts";
import { ReceivingReport } from "./lib/cli/receiving_report.ts";
import { camerasOf } from "./lib/receive/remote_cameras.ts";
import { abortOnSignals, runProgram } from "./lib/program/run_program.ts";
import { print } from "./lib/program/stdio.ts";
import { distrustPublicAuthorities } from "./lib/program/trust.ts";
import { ReceiverSession } from "./lib/cli/receiver_session.ts";

async function main(): Promise<number> {
  const { options, operands, print: answer } = parseCommandLine(RECEIVER, Deno.args);
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  distrustPublicAuthorities();
  if (options.forget !== undefined) return forget(options.forget);
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    checkOptions(options, operands);
    const peer = operands[0] === undefined ? undefined : parsePeer(operands[0]);
    const camera = options.camera ?? peer?.camera;
    if (options.cameras) await listCameras(peer, options, signal);
    else if (camera === ALL_CAMERAS) await runAll(options, peer, console, signal);
    else await run({ ...options, camera }, peer, console, signal);
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

function forget(host: string): number {
  const forgotten = Keyring.ofUser().forget(host);
  if (forgotten.length === 0) {
    throw new CamcatError(`Cannot forget the key of ${host}: none is remembered`);
  }
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

/** Receives one camera, from whom it connects to or who pushes. */
async function run(
  options: ReceiverOptions,
  peer: Peer | undefined,
  console: Console,
  signal: AbortSignal,
): Promise<void> {
  const credential = peer && keyToConnectWith(peer.address, peer.key, options);
  const report = new ReceivingReport(console);
  const watching = new ReceiverSession({ options, peer, credential, console, report, signal });
  if (peer !== undefined) report.connecting(formatAddress(peer.address));
  console.showStatus(() => [watching.status()]);
  await watching.run();
}

/** Receives every camera of a sender; what is to be seen is in one window. */
async function runAll(
  options: ReceiverOptions,
  peer: Peer | undefined,
  console: Console,
  outer: AbortSignal,
): Promise<void> {
  if (peer === undefined) {
    throw new UsageError("Cannot show all cameras of who is yet to come: give an ADDRESS");
  }
  checkAllCameras(options);
  const player = displayOf(options) === "window" ? options.player ?? "ffplay" : undefined;
  if (player !== undefined) Player.check(player);
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

  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const onLine = (line: string) => console.detail(line);
  await using grid = player === undefined || cameras.length === 1
    ? undefined // one camera has its window as ever
    : new Grid(player, from, cameras, { signal, onLine });
  const watchings = cameras.map((camera, index) =>
    new ReceiverSession({
      options: ofCamera(options, camera),
      peer,
      credential,
      console,
      report: new ReceivingReport(console, camera),
      signal,
      display: grid?.tiles[index],
    })
  );
  console.showStatus(() => watchings.map((watching) => watching.status()));
  const ends = await Promise.allSettled(watchings.map(async (watching) => {
    try {
      await watching.run();
    } catch (error) {
      stop.abort(); // all or nothing
      throw error;
    }
  }));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

if (import.meta.main) await runProgram("receiver", main);
