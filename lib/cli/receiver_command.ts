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
import { ALL_CAMERAS } from "../options/common_options.ts";
import { RECEIVER, type ReceiverOptions } from "../options/receiver_options.ts";
import { TriggerSource } from "./trigger.ts";
import type { ArchiveServing } from "./archive_serving.ts";
import type { ReceiverContext } from "./outputs.ts";
import { ReceiverSession } from "./receiver_session.ts";
import { confine } from "../program/confine.ts";
import { Console } from "../program/console.ts";
import { abortOnSignals } from "../program/run_program.ts";
import { answer, print } from "../program/stdio.ts";
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
    if (options.recordings !== undefined) {
      await useRecordings(options, options.recordings, operands, console, signal);
      return 0;
    }
    const search = { options, console, signal };
    if (options.find) return await untilStopped(listFound(search), signal) ?? 0;
    const sender = options.listen === undefined
      ? await untilStopped(findSender(operands[0], search), signal)
      : undefined;
    if (signal.aborted) return 0;
    const camera = options.camera ?? sender?.camera;
    const trigger = options["on-trigger"] ? openTrigger(options) : undefined;
    if (options.cameras) {
      const cameras = await camerasOfSender(connectedTo(sender, "list cameras"), signal);
      print(options.json ? JSON.stringify({ event: "cameras", cameras }) : cameras.join("\n"));
      return 0;
    }
    const stop = new AbortController();
    const ending = AbortSignal.any([signal, stop.signal]);
    const archive = await openArchive(options, console, ending, trigger);
    const recordings = archive?.recordings;
    try {
      if (camera === ALL_CAMERAS) {
        const all = connectedTo(sender, "receive all cameras");
        await receiveAllCameras(options, all, console, signal, { trigger, recordings });
      } else {
        const ofOne = { ...options, camera };
        await receiveOne(ofOne, sender, console, signal, { trigger, recordings });
      }
    } finally {
      stop.abort();
      await archive?.finished;
    }
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

/** Waits for a search; undefined if the user has ended it, who wants to hear no more of it. */
async function untilStopped<T>(search: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await search;
  } catch (error) {
    if (signal.aborted && error instanceof CamcatError) return undefined;
    throw error;
  }
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

/** Serves what is recorded, if the options ask for it. */
async function openArchive(
  options: ReceiverOptions,
  console: Console,
  signal: AbortSignal,
  trigger: TriggerSource | undefined,
): Promise<ArchiveServing | undefined> {
  const { http: address, record: folder } = options;
  if (address === undefined || folder === undefined) return undefined;
  const { serveArchive } = await import("./archive_serving.ts");
  return await serveArchive({ options, address, folder, console, signal, trigger });
}

/** Serves or exports recordings, without receiving anything. */
async function useRecordings(
  options: ReceiverOptions,
  folder: string,
  [file]: string[],
  console: Console,
  signal: AbortSignal,
): Promise<void> {
  const isThere = await Deno.stat(folder).then((it) => it.isDirectory, () => false);
  if (!isThere) {
    throw new CamcatError(`Cannot use the recordings in ${folder}: it must be a folder`);
  }
  const { http: address } = options;
  if (address === undefined) {
    const { runExport } = await import("./archive_export.ts");
    return await runExport(options, { folder, file }, console, signal);
  }
  const { serveArchive } = await import("./archive_serving.ts");
  const context = { options, address, folder, console, signal, trigger: undefined };
  await (await serveArchive(context)).finished;
}

async function receiveOne(
  options: ReceiverOptions,
  sender: Destination | undefined,
  console: Console,
  signal: AbortSignal,
  shared: Pick<ReceiverContext, "trigger" | "recordings">,
): Promise<void> {
  const report = new ReceivingReport(console);
  const session = new ReceiverSession({ options, sender, console, report, signal, ...shared });
  if (sender !== undefined) report.connecting(sender.text);
  console.showStatus(() => [session.status()]);
  await session.run();
}
