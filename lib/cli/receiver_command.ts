/**
 * What the receiver does with its command line.
 *
 * @module
 */

import { CamcatError, UsageError } from "../base/errors.ts";
import { camerasOfSender, receiveAllCameras } from "./all_cameras.ts";
import { checkOptions } from "./receiver_checks.ts";
import { addressCandidates, candidateLines } from "./candidates.ts";
import { completionsOf } from "../program/completions.ts";
import { ALL_CAMERAS, RECEIVER, type ReceiverOptions } from "../options/receiver_options.ts";
import { TriggerSource } from "./trigger.ts";
import { ReceiverSession } from "./receiver_session.ts";
import { confine } from "../program/confine.ts";
import { Console } from "../program/console.ts";
import { abortOnSignals } from "../program/run_program.ts";
import { print } from "../program/stdio.ts";
import { distrustPublicAuthorities } from "../program/trust.ts";
import { ReceivingReport } from "../report/receiving_report.ts";
import { Keyring } from "../security/keyring.ts";
import type { Destination } from "../find/destination.ts";
import { findSender } from "../find/find_sender.ts";
import { listFound } from "../find/list_found.ts";

/** Receives, lists or forgets what the options ask for. @returns the exit status */
export async function runReceiver(options: ReceiverOptions, operands: string[]): Promise<number> {
  distrustPublicAuthorities();
  await confine();
  if (options.forget !== undefined) return forget(options.forget);
  if (options.completions !== undefined) {
    return answer(completionsOf(RECEIVER, options.completions));
  }
  if (options.complete) return answer(candidateLines(await addressCandidates()));
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    checkOptions(options, operands);
    if (options.find) return await listFound({ options, console, signal });
    const sender = options.listen === undefined
      ? await findSender(operands[0], { options, console, signal })
      : undefined;
    const camera = options.camera ?? sender?.camera;
    const trigger = options["on-trigger"] ? openTrigger(options) : undefined;
    if (options.cameras) {
      const cameras = await camerasOfSender(connectedTo(sender, "list cameras"), signal);
      print(options.json ? JSON.stringify({ event: "cameras", cameras }) : cameras.join("\n"));
    } else if (camera === ALL_CAMERAS) {
      const all = connectedTo(sender, "receive all cameras");
      await receiveAllCameras(options, all, console, signal, trigger);
    } else await receiveOne({ ...options, camera }, sender, console, signal, trigger);
    return 0;
  } catch (error) {
    // Whoever ends the search wants to hear no more of it.
    return signal.aborted && error instanceof CamcatError ? 0 : console.fail(error);
  }
}

function answer(text: string): number {
  print(text);
  return 0;
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
function connectedTo(sender: Destination | undefined, what: string): Destination {
  if (sender !== undefined) return sender;
  throw new UsageError(
    `Cannot ${what} with --listen: no sender has connected yet. Give an ADDRESS`,
  );
}

/** Listens to other programs that say when to record. */
function openTrigger(options: ReceiverOptions): TriggerSource {
  const trigger = new TriggerSource();
  trigger.followSignals();
  // A display in the terminal reads keys there.
  if (options.display !== "terminal") trigger.followLines(Deno.stdin.readable);
  return trigger;
}

async function receiveOne(
  options: ReceiverOptions,
  sender: Destination | undefined,
  console: Console,
  signal: AbortSignal,
  trigger: TriggerSource | undefined,
): Promise<void> {
  const report = new ReceivingReport(console);
  const session = new ReceiverSession({ options, sender, console, report, signal, trigger });
  if (sender !== undefined) report.connecting(sender.text);
  console.showStatus(() => [session.status()]);
  await session.run();
}
