/**
 * `sender`: captures from a camera and sends the picture to whoever connects.
 *
 * @module
 */

import {
  type Address,
  DEFAULT_PORT,
  EVERY_INTERFACE,
  formatAddress,
} from "./lib/protocol/address.ts";
import type { Peer } from "./lib/security/peer.ts";
import { cameraLines, cameraTable, controlLines, controlTable } from "./lib/cli/camera_report.ts";
import { listControls } from "./lib/camera/v4l2_ctl.ts";
import { hasV4l2Ctl, listCameras } from "./lib/camera/cameras.ts";
import { defined } from "./lib/base/defined.ts";
import { capture, type CaptureOptions } from "./lib/capture/capture.ts";
import { Console } from "./lib/program/console.ts";
import { explainKey, keyToConnectWith, keyToListenWith } from "./lib/security/credentials.ts";
import { Gatekeeper } from "./lib/security/gatekeeper.ts";
import { CamcatError, KeyError, messageOf, UsageError } from "./lib/base/errors.ts";
import { supervise } from "./lib/send/supervisor.ts";
import { findSource } from "./lib/capture/find_source.ts";
import { handshakeAsSender } from "./lib/security/handshake.ts";
import { Hub } from "./lib/send/hub.ts";
import { type HttpServing, serveHttp } from "./lib/http/server.ts";
import { httpSecretsOf, identityOf } from "./lib/security/identity.ts";
import type { Key } from "./lib/security/key.ts";
import { rememberKey, reportRefused } from "./lib/cli/key_report.ts";
import { parseCommandLine } from "./lib/program/options.ts";
import { preview } from "./lib/cli/preview.ts";
import { CaptureReport } from "./lib/cli/capture_report.ts";
import { abortOnSignals, runProgram } from "./lib/program/run_program.ts";
import {
  checkOptions,
  checkSources,
  SENDER,
  type SenderOptions,
} from "./lib/cli/sender_options.ts";
import { SendingReport } from "./lib/cli/sending_report.ts";
import { CameraRouter } from "./lib/send/camera_router.ts";
import { accept, listen } from "./lib/security/listen.ts";
import { push } from "./lib/send/push.ts";
import { nameOf, type Source } from "./lib/capture/source.ts";
import { print } from "./lib/program/stdio.ts";
import { distrustPublicAuthorities } from "./lib/program/trust.ts";
import { Webcam } from "./lib/capture/webcam.ts";

async function main(): Promise<number> {
  const { options, operands, print: answer } = parseCommandLine(SENDER, Deno.args);
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  distrustPublicAuthorities();
  if (options["show-key"] || options["show-token"]) {
    const key = keyToListenWith(options, options["new-key"]);
    if (key === undefined) throw new UsageError("Cannot show a key: with --open there is none");
    print(options["show-key"] ? key.text : (await httpSecretsOf(key)).token);
    return 0;
  }
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
    await run(options, sources, console, signal);
    return 0;
  } catch (error) {
    return console.fail(error);
  }
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
    const controls = await listControls(source.path, nameOf(source));
    if (sources.length > 1 && !json) print(`${nameOf(source)}:`);
    print((json ? controlLines(controls) : controlTable(controls)).join("\n"));
  }
  return 0;
}

/** A source with its name, and where its pictures go. */
interface Camera {
  source: Source;
  name: string;
  hub: Hub;
  report: CaptureReport;
}

async function run(
  options: SenderOptions,
  sources: Source[],
  console: Console,
  outer: AbortSignal,
): Promise<void> {
  const { push: pushTo, listen: listenAt } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const cameras = camerasFor(sources, options, console);
  const feeds: (() => Promise<void>)[] = [];
  for (const camera of cameras) feeds.push(await prepare(camera, options, console, signal));
  const studio = new CameraRouter(cameras.map(({ hub }) => hub));
  const report = new SendingReport(console, studio.cameras);

  const work: Promise<unknown>[] = [];
  const listens = listenAt !== undefined || pushTo === undefined;
  const key = listens || options.http !== undefined
    ? keyToListenWith(options, options["new-key"])
    : undefined;
  if (listens) {
    const handshake = key && handshakeAsSender(await identityOf(key));
    const listener = listen(listenAt ?? { hostname: EVERY_INTERFACE, port: DEFAULT_PORT });
    report.listening(listener, key);
    const door = handshake && new Gatekeeper(handshake, reportRefused(console));
    work.push(
      accept(listener, { signal, door }, (connection, peer) => studio.serve(connection, peer)),
    );
  }
  if (options.http !== undefined) {
    const context = { options, signal, console, report };
    work.push((await startHttp(studio, options.http, key, context)).finished);
  }
  if (pushTo !== undefined) {
    work.push(pushing(studio, pushTo, { options, signal, console, report }));
  }
  if (options.preview) {
    work.push(...cameras.map(({ hub }) => preview(hub, hub.name, signal)));
  }
  const status = cameras.map(({ hub, report }) => report.status(hub));
  console.showStatus(() => status.map((ofCamera) => ofCamera()));
  work.push(Promise.all(feeds.map((feed) => feed())));
  try {
    await Promise.race(work); // whichever ends first: the sources, a preview, or all by a signal
  } finally {
    const reason = outer.aborted ? "the sender was stopped" : "the source has ended";
    // Who has the user's word to stop does not wait for a viewer that is slow.
    const patienceMs = outer.aborted ? 500 : undefined;
    await Promise.all(cameras.map(({ hub }) => hub.close(reason, patienceMs)));
    stop.abort();
    await Promise.allSettled(work);
  }
}

/** Names the sources as the user does, or else by themselves. */
function camerasFor(sources: Source[], options: SenderOptions, console: Console): Camera[] {
  // One camera may be called anything, with commas, too.
  const names = options.name === undefined
    ? sources.map(nameOf)
    : sources.length === 1
    ? [options.name]
    : options.name.split(",").map((name) => name.trim());
  if (names.length !== sources.length) {
    throw new UsageError(
      `Cannot name ${sources.length} SOURCEs: --name must give as many names, received ${names.length}`,
    );
  }
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new UsageError(`Cannot send two cameras called "${twice}": give each its --name`);
  }
  if (names.length > 1 && names.includes("all")) {
    throw new UsageError(
      'Cannot send one of several cameras as "all": to a receiver that means every camera. ' +
        "Give it another --name",
    );
  }
  return sources.map((source, index) => {
    const name = names[index];
    const report = new CaptureReport(console, name, sources.length === 1);
    const hub: Hub = new Hub({
      name,
      ...defined({ maxViewers: options["max-viewers"] }),
      ...report.viewerEvents(() => hub),
    });
    return { source, name, hub, report };
  });
}

/** Finds out whether a camera can do what is asked. @returns what feeds its hub */
async function prepare(
  camera: Camera,
  options: SenderOptions,
  console: Console,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const { source, hub, report } = camera;
  const webcam = source.kind === "device" ? new Webcam(source, options.set) : undefined;
  const optionsOf = (signal: AbortSignal) => captureOptions(options, camera, console, signal);
  await webcam?.prepare(optionsOf(signal));
  return () =>
    supervise(hub, {
      signal,
      onDemand: options["on-demand"],
      ...defined({ lingerMs: options.linger && options.linger * 1000, pause: webcam?.pause }),
      open: (signal) => webcam?.capture(optionsOf(signal)) ?? capture(source, optionsOf(signal)),
      onState: (state, error) => report.capture(state, error),
    });
}

/** What the ways out need besides the cameras and whom they lead to. */
interface Context {
  options: SenderOptions;
  signal: AbortSignal;
  console: Console;
  report: SendingReport;
}

async function pushing(
  studio: CameraRouter,
  { address, key }: Peer,
  { options, signal, console, report }: Context,
): Promise<void> {
  const credential = keyToConnectWith(address, key, options);
  if (credential === undefined && !options.open) {
    throw new CamcatError(
      `Cannot push to ${formatAddress(address)} without its key: give the whole address that the ` +
        "receiver shows, or send to anybody who listens there with --open",
    );
  }
  report.pushing(address);
  try {
    await push(studio, address, {
      signal,
      handshake: credential && handshakeAsSender(await identityOf(credential.key)),
      onConnected: () => credential && rememberKey(console, address, credential),
      onFailed: (reason) => report.pushFailed(reason),
    });
  } catch (error) {
    throw error instanceof KeyError ? explainKey(error, address, credential) : error;
  }
}

/** Begins to listen for browsers. */
async function startHttp(
  studio: CameraRouter,
  address: Address,
  key: Key | undefined,
  { options, signal, console, report }: Context,
): Promise<HttpServing> {
  const { "http-host": names = [], "tls-cert": cert, "tls-key": certKey } = options;
  const certificate = cert === undefined || certKey === undefined
    ? undefined
    : { cert: readText(cert, "certificate"), key: readText(certKey, "private key") };
  const secrets = key && await httpSecretsOf(key);
  const own = Deno.hostname();
  const serving = serveHttp(studio, {
    address,
    secrets,
    names: [...names, own, `${own}.local`],
    certificate,
    signal,
    onRefused: reportRefused(console),
  });
  const scheme = certificate === undefined ? "http" : "https";
  report.http({ address: serving.address, key, token: secrets?.token, names, scheme });
  return serving;
}

function readText(path: string, what: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new CamcatError(`Cannot read the ${what} ${path}: ${messageOf(cause)}`, { cause });
  }
}

function captureOptions(
  { loop, size, fps, quality, crop, rotate, flip, overlay, copy, encode }: SenderOptions,
  { name, report }: Camera,
  console: Console,
  signal: AbortSignal,
): CaptureOptions {
  return {
    signal,
    loop,
    ...defined({ size, fps, quality, crop, rotate, flip }),
    ...defined({ copy: copy ? true : encode ? false : undefined }),
    ...(overlay ? { overlay: name } : {}),
    onNote: (note) => report.note(note),
    onDropped: () => report.broken(),
    onLine: (line) => console.detail(`ffmpeg: ${line}`),
  };
}

if (import.meta.main) await runProgram("sender", main);
