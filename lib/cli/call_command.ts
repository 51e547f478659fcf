/**
 * What a call does with its command line.
 *
 * @module
 */

import { CamcatError, KeyError, UsageError } from "../base/errors.ts";
import { safeText } from "../base/text.ts";
import { Calling } from "../call/calling.ts";
import type { CallContext } from "../call/call.ts";
import { CallReport } from "../call/call_report.ts";
import { Keys } from "../call/keys.ts";
import { ownCamera } from "../call/own_camera.ts";
import { findSource } from "../capture/find_source.ts";
import { Player } from "../display/player.ts";
import { findSender } from "../find/find_sender.ts";
import { CALL, type CallOptions, DEFAULT_WAIT_MS } from "../options/call_options.ts";
import { DEFAULT_PLAYER } from "../options/receiver_options.ts";
import { completionsOf } from "../program/completions.ts";
import { confine } from "../program/confine.ts";
import { Console } from "../program/console.ts";
import { abortOnSignals } from "../program/run_program.ts";
import { answer } from "../program/stdio.ts";
import { distrustPublicAuthorities } from "../program/trust.ts";
import { type Address, CALL_PORT } from "../protocol/address.ts";
import { explainKey } from "../security/credentials.ts";
import { listMicrophones, pickMicrophone } from "../sound/microphones.ts";
import { checkCertificateOptions } from "../sources/user_certificate.ts";
import { addressCandidates, candidateLines } from "./candidates.ts";
import { waitForCalls } from "./call_session.ts";
import { pairRunning } from "./sender_pairing.ts";

/** Options that only an end that waits has a use for. */
// deno-fmt-ignore
const FOR_WAITING = [
  "listen", "auto-answer", "once", "no-announce", "no-ring", "pair",
  "page", "http-host", "tls-cert", "tls-key",
] as const;
/** Options of the page. */
const FOR_PAGE = ["http-host", "tls-cert", "tls-key"] as const;

/** Calls, or waits for calls. @returns the exit status */
export async function runCall(options: CallOptions, operands: string[]): Promise<number> {
  distrustPublicAuthorities();
  await confine();
  if (options.completions !== undefined) return answer(completionsOf(CALL, options.completions));
  if (options.complete) return answer(candidateLines(await addressCandidates()));
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    checkOptions(options, operands);
    const [operand] = operands;
    if (options.pair) {
      const status = await pairRunning("call", { ...options, open: false }, console, signal);
      if (status !== undefined) return status;
    }
    if (operand === undefined) {
      await waitForCalls(options, await contextOf(options, console, signal));
      return 0;
    }
    return await callSomebody(operand, options, console, signal);
  } catch (error) {
    return signal.aborted && error instanceof CamcatError ? 0 : console.fail(error);
  }
}

/** @throws {UsageError} if some options contradict each other */
function checkOptions(options: CallOptions, operands: string[]): void {
  const useless = operands.length > 0 && FOR_WAITING.find((name) => options[name]);
  if (useless) {
    throw new UsageError(`Cannot use --${useless} with an ADDRESS: it is for waiting for calls`);
  }
  const pageless = options.page === undefined && FOR_PAGE.find((name) => options[name]);
  if (pageless) throw new UsageError(`Cannot use --${pageless} without --page`);
  checkCertificateOptions(options);
  for (const [no, name] of [["no-camera", "camera"], ["no-sound", "microphone"]] as const) {
    if (options[no] && options[name] !== undefined) {
      throw new UsageError(`Cannot use --${name} with --${no}: leave one of them out`);
    }
  }
  const { page, listen } = options;
  if (page !== undefined && page.port !== 0 && page.port === (listen?.port ?? CALL_PORT)) {
    throw new UsageError(`Cannot use port ${page.port} for both --listen and --page`);
  }
  if (options.pair && (options.json || options.quiet || !Deno.stderr.isTerminal())) {
    throw new UsageError(
      "Cannot use --pair here: only a terminal shows the code, without --json and --quiet",
    );
  }
}

/** @returns the exit status: 1 if the call was not accepted */
async function callSomebody(
  operand: string,
  options: CallOptions,
  console: Console,
  signal: AbortSignal,
): Promise<number> {
  const context = { options: { ...options, open: false }, console, signal, calls: true };
  const destination = await findSender(operand, context);
  const { address, credential } = destination;
  try {
    if (credential === undefined) throw new KeyError("needed", "There is no key");
    const { key } = credential;
    const ours = await contextOf(options, console, signal);
    using _ = ours.keys;
    const callee = {
      address,
      key,
      elsewhere: destination.elsewhere(() => undefined),
      onReached: (at: Address, name?: string) => destination.met(at, console, name),
    };
    return await new Calling(callee, ours).run() ? 0 : 1;
  } catch (error) {
    throw error instanceof KeyError ? explainKey(error, address, credential, "call") : error;
  }
}

/** @throws {CamcatError} if there are microphones, and not the one that is named */
async function checkMicrophone(name: string | undefined): Promise<void> {
  const microphones = name === undefined ? [] : await listMicrophones();
  if (microphones.length > 0) pickMicrophone(name, microphones, "See sender --list");
}

/** What both ends need. */
async function contextOf(
  options: CallOptions,
  console: Console,
  signal: AbortSignal,
): Promise<CallContext> {
  const player = options["no-display"] ? undefined : options.player ?? DEFAULT_PLAYER;
  if (player !== undefined) Player.check(player);
  const camera = options["no-camera"]
    ? undefined
    : await ownCamera(options.camera, findSource, console);
  if (!options["no-sound"]) await checkMicrophone(options.microphone);
  const keys = new Keys();
  return {
    name: safeText(options.name ?? Deno.hostname()),
    camera,
    hasSound: !options["no-sound"],
    microphone: options.microphone,
    size: options.size,
    fps: options.fps,
    maxRate: options["max-rate"],
    player,
    showsSelf: !options["no-self"],
    cancelsEcho: !options["no-echo-cancel"],
    waitMs: options.wait ?? DEFAULT_WAIT_MS,
    keys,
    console,
    report: new CallReport(console, keys.isThere),
    signal,
  };
}
