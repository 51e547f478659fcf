/**
 * `sender`: captures from cameras and sends their pictures to viewers.
 *
 * @module
 */

import { hasV4l2Ctl, listCameras } from "./lib/camera/cameras.ts";
import { listControls } from "./lib/camera/v4l2_ctl.ts";
import { CamcatError, UsageError } from "./lib/base/errors.ts";
import { findSource } from "./lib/capture/find_source.ts";
import { type Source, sourceName } from "./lib/capture/source.ts";
import { prepareCameras } from "./lib/cli/sender_cameras.ts";
import { checkOptions, checkSources } from "./lib/cli/sender_checks.ts";
import { SENDER, type SenderOptions } from "./lib/cli/sender_options.ts";
import { SenderSession } from "./lib/cli/sender_session.ts";
import { confine } from "./lib/program/confine.ts";
import { Console } from "./lib/program/console.ts";
import { parseCommandLine } from "./lib/program/options.ts";
import { abortOnSignals, runProgram } from "./lib/program/run_program.ts";
import { print } from "./lib/program/stdio.ts";
import { distrustPublicAuthorities } from "./lib/program/trust.ts";
import {
  cameraLines,
  cameraTable,
  controlLines,
  controlTable,
} from "./lib/report/camera_report.ts";
import { keyToListenWith } from "./lib/security/credentials.ts";
import { httpSecretsOf } from "./lib/security/identity.ts";

async function main(): Promise<number> {
  const { options, operands, print: answer } = parseCommandLine(SENDER, Deno.args);
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  distrustPublicAuthorities();
  await confine();
  if (options["show-key"] || options["show-token"]) return await showSecret(options);
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
    const cameras = await prepareCameras(sources, options, console, signal);
    await new SenderSession({ cameras, options, console, signal }).run();
    return 0;
  } catch (error) {
    return console.fail(error);
  }
}

async function showSecret(options: SenderOptions): Promise<number> {
  const key = keyToListenWith(options, options["new-key"]);
  if (key === undefined) throw new UsageError("Cannot show a key: with --open there is none");
  print(options["show-key"] ? key.text : (await httpSecretsOf(key)).token);
  return 0;
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
    const controls = await listControls(source.path, sourceName(source));
    if (sources.length > 1 && !json) print(`${sourceName(source)}:`);
    print((json ? controlLines(controls) : controlTable(controls)).join("\n"));
  }
  return 0;
}

if (import.meta.main) await runProgram("sender", main);
