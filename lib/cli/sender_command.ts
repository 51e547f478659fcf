/**
 * What the sender does with its command line.
 *
 * @module
 */

import { hasV4l2Ctl, listCameras } from "../camera/cameras.ts";
import { listControls } from "../camera/v4l2_ctl.ts";
import { CamcatError, UsageError } from "../base/errors.ts";
import { formatBroker, parseBrokerUrl } from "../broker/broker_url.ts";
import { connectionOf } from "../broker/login.ts";
import { publishedLines } from "../report/broker_report.ts";
import { findSource } from "../capture/find_source.ts";
import { sourceName } from "../capture/source.ts";
import { otherSource } from "../sources/other_sources.ts";
import { prepareCameras, type SenderSource } from "./sender_cameras.ts";
import { checkOptions, checkSources } from "./sender_checks.ts";
import { candidateLines, sourceCandidates } from "./candidates.ts";
import { SENDER, type SenderOptions } from "../options/sender_options.ts";
import { completionsOf } from "../program/completions.ts";
import { pairRunning } from "./sender_pairing.ts";
import { printShareLink } from "./share_link.ts";
import type { SenderCamera } from "../sources/make_cameras.ts";
import { SenderSession } from "./sender_session.ts";
import { confine } from "../program/confine.ts";
import { Console } from "../program/console.ts";
import { abortOnSignals } from "../program/run_program.ts";
import { answer, print } from "../program/stdio.ts";
import { distrustPublicAuthorities } from "../program/trust.ts";
import { listMicrophones } from "../sound/microphones.ts";
import { microphoneLines, microphoneTable } from "../report/microphone_list.ts";
import { cameraLines, cameraTable, controlLines, controlTable } from "../report/camera_report.ts";
import { keyToListenWith } from "../security/credentials.ts";
import {
  archiveSecretsOf,
  callSecretsOf,
  httpSecretsOf,
  phoneSecretsOf,
} from "../security/identity.ts";
import type { Key } from "../security/key.ts";

/** Sends, lists or shows what the options ask for. @returns the exit status */
export async function runSender(options: SenderOptions, operands: string[]): Promise<number> {
  distrustPublicAuthorities();
  await confine();
  if (options["show-key"] || options["show-token"]) return await showSecret(options, operands);
  if (options.completions !== undefined) return answer(completionsOf(SENDER, options.completions));
  if (options.complete) return answer(candidateLines(await sourceCandidates()));
  const signal = abortOnSignals();
  using console = new Console(options);
  try {
    checkOptions(options, operands);
    if (options.list) return await listAll(options, operands[0]);
    if (options.share) return await printShareLink(options, console);
    if (options.pair && operands.length === 0) {
      const status = await pairRunning("sender", options, console, signal);
      if (status !== undefined) return status;
    }
    const sources: SenderSource[] = [];
    for (const operand of operands.length > 0 ? operands : [undefined]) {
      sources.push(otherSource(operand) ?? await findSource(operand));
    }
    checkSources(options, sources);
    if (options.controls) return await listAllControls(sources, options.json);
    const { cameras, later } = await prepareCameras(sources, options, console, signal);
    const serving = options["same-key"] ? { ...options, key: keyOf(cameras) } : options;
    await new SenderSession({ cameras, later, options: serving, console, signal }).run();
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

/** What derives the token of a page that has one of its own. */
const SECRETS_OF = new Map<string | undefined, typeof httpSecretsOf>([
  ["recordings", archiveSecretsOf],
  ["phone", phoneSecretsOf],
  ["call", callSecretsOf],
]);

async function showSecret(options: SenderOptions, operands: string[]): Promise<number> {
  const key = keyToListenWith(options, options["new-key"]);
  if (key === undefined) throw new UsageError("Cannot show a key: with --open there is none");
  const isForPhone = otherSource(operands[0])?.options.includes("phone-listen");
  const secretsOf = SECRETS_OF.get(isForPhone ? "phone" : operands[0]) ?? httpSecretsOf;
  const { token } = await secretsOf(key);
  print(options["show-key"] ? key.text : token);
  return 0;
}

/** The one key of the senders that cameras come from. */
function keyOf(cameras: SenderCamera[]): Key | undefined {
  const keys = cameras.map(({ key }) => key).filter((key) => key !== undefined);
  if (keys.every(({ text }) => text === keys[0].text)) return keys[0];
  throw new UsageError("Cannot use --same-key: the SOURCEs have different keys");
}

async function listAll(options: SenderOptions, broker: string | undefined): Promise<number> {
  if (broker !== undefined) {
    const { listPublished } = await import("../broker/listing.ts");
    const url = parseBrokerUrl(broker);
    const cameras = await listPublished(url, connectionOf(url, options["broker-ca"]));
    return answer(publishedLines(cameras, formatBroker(url), options.json).join("\n"));
  }
  const { json } = options;
  const cameras = await listCameras();
  const microphones = await listMicrophones();
  if (cameras.length + microphones.length === 0) {
    throw new CamcatError("Cannot find a camera or a microphone: plug one in");
  }
  const withoutRates = Deno.build.os === "linux" && !json && cameras.length > 0 &&
    !await hasV4l2Ctl();
  const lines = json
    ? [...cameraLines(cameras), ...microphoneLines(microphones)]
    : [...cameraTable(cameras, withoutRates), ...microphoneTable(microphones)];
  print(lines.join("\n"));
  return 0;
}

async function listAllControls(sources: SenderSource[], json: boolean): Promise<number> {
  for (const source of sources) {
    if (source.kind !== "device") throw new TypeError("Cannot list the controls of no camera");
    const controls = await listControls(source.path, sourceName(source));
    if (sources.length > 1 && !json) print(`${sourceName(source)}:`);
    print((json ? controlLines(controls) : controlTable(controls)).join("\n"));
  }
  return 0;
}
