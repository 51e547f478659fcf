/**
 * What the receiver does with its command line.
 *
 * @module
 */

import { CamcatError, UsageError } from "../base/errors.ts";
import { camerasOfPeer, receiveAllCameras } from "./all_cameras.ts";
import { checkOptions } from "./receiver_checks.ts";
import { addressCandidates, candidateLines } from "./candidates.ts";
import { completionsOf } from "../program/completions.ts";
import { ALL_CAMERAS, RECEIVER, type ReceiverOptions } from "../options/receiver_options.ts";
import { ReceiverSession } from "./receiver_session.ts";
import { canAsk } from "../program/ask.ts";
import { confine } from "../program/confine.ts";
import { Console } from "../program/console.ts";
import { abortOnSignals } from "../program/run_program.ts";
import { print } from "../program/stdio.ts";
import { distrustPublicAuthorities } from "../program/trust.ts";
import { formatAddress } from "../protocol/address.ts";
import { ReceivingReport } from "../report/receiving_report.ts";
import { keyToConnectWith } from "../security/credentials.ts";
import { Keyring } from "../security/keyring.ts";
import { parsePeer, type Peer } from "../security/peer.ts";

/** Receives, lists or forgets what the options ask for. @returns the exit status */
export async function runReceiver(options: ReceiverOptions, operands: string[]): Promise<number> {
  distrustPublicAuthorities();
  await confine();
  if (options.forget !== undefined) return forget(options.forget);
  if (options.completions !== undefined) {
    return answer(completionsOf(RECEIVER, options.completions));
  }
  if (options.complete) return answer(candidateLines(addressCandidates()));
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    checkOptions(options, operands);
    const named = operands[0] === undefined ? undefined : parsePeer(operands[0]);
    const peer = await withKey(named, options, console, signal);
    const camera = options.camera ?? peer?.camera;
    if (options.cameras) {
      const cameras = await camerasOfPeer(connectedTo(peer, "list cameras"), options, signal);
      print(options.json ? JSON.stringify({ event: "cameras", cameras }) : cameras.join("\n"));
    } else if (camera === ALL_CAMERAS) {
      const sender = connectedTo(peer, "receive all cameras");
      await receiveAllCameras(options, sender, console, signal);
    } else await receiveOne({ ...options, camera }, peer, console, signal);
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

function answer(text: string): number {
  print(text);
  return 0;
}

/** A peer whose key we do not have, with its key if it shows a code and the user types that. */
async function withKey(
  peer: Peer | undefined,
  options: ReceiverOptions,
  console: Console,
  signal: AbortSignal,
): Promise<Peer | undefined> {
  if (peer === undefined || options.open || !canAsk()) return peer;
  if (keyToConnectWith(peer.address, peer.key, options) !== undefined) return peer;
  const { askForKey } = await import("../pairing/ask_for_key.ts");
  return { ...peer, key: await askForKey(peer.address, console, signal) };
}

function forget(host: string): number {
  const forgotten = Keyring.ofUser().forget(host);
  if (forgotten.length === 0) {
    throw new CamcatError(`Cannot forget the key of ${host}: no key of it is saved`);
  }
  for (const address of forgotten) print(`Forgot the key of ${address}`);
  return 0;
}

/** The sender to connect to, for something that cannot wait for a sender to come. */
function connectedTo(peer: Peer | undefined, what: string): Peer {
  if (peer !== undefined) return peer;
  throw new UsageError(
    `Cannot ${what} with --listen: no sender has connected yet. Give an ADDRESS`,
  );
}

async function receiveOne(
  options: ReceiverOptions,
  peer: Peer | undefined,
  console: Console,
  signal: AbortSignal,
): Promise<void> {
  const report = new ReceivingReport(console);
  const session = new ReceiverSession({ options, peer, console, report, signal });
  if (peer !== undefined) report.connecting(formatAddress(peer.address));
  console.showStatus(() => [session.status()]);
  await session.run();
}
