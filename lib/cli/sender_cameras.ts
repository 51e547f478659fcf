/**
 * The cameras that the sender's command line names, each with a hub of its own.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { UsageError } from "../base/errors.ts";
import { withoutSecrets } from "../base/secrets.ts";
import { Capture, type CaptureOptions } from "../capture/capture.ts";
import { type Source, sourceName } from "../capture/source.ts";
import { Webcam } from "../capture/webcam.ts";
import type { Console } from "../program/console.ts";
import { LoadBudget } from "../rendition/load_budget.ts";
import { CaptureReport } from "../report/capture_report.ts";
import { Hub } from "../send/hub.ts";
import { supervise } from "../send/supervisor.ts";
import type { CameraContext, LaterCameras } from "../sources/make_cameras.ts";
import type { OtherSource } from "../sources/other_sources.ts";
import { ALL_CAMERAS } from "../options/common_options.ts";
import { MAX_CAMERAS, type SenderOptions } from "../options/sender_options.ts";
import type { SenderCamera } from "../sources/make_cameras.ts";
import {
  type CameraSound,
  followSource,
  soundsOf,
  sourceSound,
  withMicrophone,
} from "./sender_sound.ts";

/** What a SOURCE of the sender stands for. */
export type SenderSource = Source | OtherSource;

/**
 * Makes the cameras of each source, and finds out whether they can do what the options ask for;
 * besides, what makes those that the sources will have later.
 *
 * @param signal aborts the preparation, not the cameras
 * @throws {UsageError} if the names do not fit the sources
 * @throws {CamcatError} if a camera cannot do what the options ask for
 */
export async function prepareCameras(
  sources: SenderSource[],
  options: SenderOptions,
  console: Console,
  signal: AbortSignal,
): Promise<{ cameras: SenderCamera[]; later: LaterCameras[] }> {
  const names = namesOf(sources, options.name);
  const sounds = soundsOf(sources, options.sound);
  checkNames(names.filter((name) => name !== undefined));
  const { "on-demand": onDemand, linger } = options;
  const demand = { onDemand, ...defined({ lingerMs: linger && linger * 1000 }) };
  const budget = new LoadBudget(options["no-adapt"] ? 0 : options["adapt-cpu"]);
  const cameras: SenderCamera[] = [];
  const later: LaterCameras[] = [];
  for (const [index, source] of sources.entries()) {
    const context: CameraContext = {
      options,
      name: names[index],
      demand,
      console,
      signal,
      later: (made) => void later.push(made),
      hub: (name, isOneOfSeveral = false) =>
        hubOf(name, options, budget, console, sources.length === 1 && !isOneOfSeveral),
    };
    if (source.kind === "other") cameras.push(...await (await source.load())(source.text, context));
    else {
      const sound = sounds[index];
      cameras.push(await captureCamera(source, sourceName(source), { ...context, sound }));
    }
  }
  checkNames(cameras.map(({ hub }) => hub.name));
  if (cameras.length <= MAX_CAMERAS) return { cameras, later };
  throw new UsageError(
    `Cannot send ${cameras.length} cameras: they must be ${MAX_CAMERAS} at most`,
  );
}

/** Makes a camera that captures. */
async function captureCamera(
  source: Source,
  ownName: string,
  context: CameraContext & { sound: CameraSound },
): Promise<SenderCamera> {
  const { options, name = ownName, demand, console, signal, sound } = context;
  const { hub, report } = context.hub(name);
  const ownSound = sound === "source" ? sourceSound(hub, source, options) : undefined;
  const optionsOf = (signal: AbortSignal): CaptureOptions => ({
    ...captureOptions(options, name),
    ...defined({ sound: ownSound }),
    signal,
    onNote: (note) => report.note(note),
    onDropped: () => report.broken(),
    onLine: (line) => console.detail(`ffmpeg: ${line}`),
  });
  const captured = new Capture(source);
  const webcam = source.kind === "device" ? new Webcam(source, options.set) : undefined;
  await webcam?.prepare(optionsOf(signal));
  const pictures = (signal: AbortSignal) =>
    supervise(hub, {
      signal,
      ...demand,
      ...defined({ pause: webcam?.pause }),
      open: (signal) => webcam?.capture(optionsOf(signal)) ?? captured.frames(optionsOf(signal)),
      onState: (state, error) => {
        report.capture(state, error);
        if (ownSound !== undefined) followSource(hub, state, error);
      },
    });
  return {
    hub,
    status: report.status(hub),
    supply: async (signal) =>
      sound === "microphone"
        ? await withMicrophone(pictures, hub, { options, demand, console, signal })
        : await pictures(signal),
  };
}

function hubOf(
  name: string,
  options: SenderOptions,
  budget: LoadBudget,
  console: Console,
  isAlone: boolean,
) {
  const report = new CaptureReport(console, name, isAlone);
  const hub: Hub = new Hub({
    name,
    ...defined({ maxViewers: options["max-viewers"], maxRate: options["max-rate"] }),
    renditions: {
      budget,
      onLine: (line) => console.detail(`ffmpeg, ${line}`),
      onSlow: () => console.detail(`${name}: this machine is too slow to encode every picture`),
    },
    ...report.viewerEvents(() => hub),
  });
  return { hub, report };
}

/**
 * The name that viewers see, for each source: as `--name` says, or the source itself; undefined
 * where only its maker knows.
 */
function namesOf(sources: SenderSource[], given: string | undefined): (string | undefined)[] {
  if (given === undefined) {
    return sources.map((source) => source.kind === "other" ? undefined : sourceName(source));
  }
  const names = sources.length === 1
    ? [withoutSecrets(given)] // a single name may contain commas
    : given.split(",").map((name) => withoutSecrets(name.trim()));
  if (names.length === sources.length) return names;
  throw new UsageError(
    `Cannot name ${sources.length} SOURCEs: --name must give as many names, received ${names.length}`,
  );
}

/** Refuses names that viewers could not choose by. */
function checkNames(names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new UsageError(`Cannot send two cameras called "${twice}": give each its --name`);
  }
  if (names.length > 1 && names.includes(ALL_CAMERAS)) {
    throw new UsageError(
      `Cannot send one of several cameras as "${ALL_CAMERAS}": to a receiver that means every ` +
        "camera. Give it another --name",
    );
  }
}

/** What the command line says about the picture and its source. */
function captureOptions(options: SenderOptions, name: string): Omit<CaptureOptions, "signal"> {
  const { loop, size, fps, quality, crop, rotate, flip, overlay, copy, encode, silence } = options;
  return {
    loop,
    ...defined({ size, fps, quality, crop, rotate, flip }),
    ...defined({ copy: copy ? true : encode ? false : undefined }),
    ...defined({ overlay: overlay ? name : undefined }),
    ...defined({
      silenceMs: silence && silence * 1000,
      rtspTransport: options["rtsp-transport"],
      maxPixels: options["max-pixels"],
    }),
  };
}
