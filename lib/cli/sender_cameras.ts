/**
 * The cameras that the sender's command line names: each captures into a hub of its own.
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
import { CaptureReport } from "../report/capture_report.ts";
import { Hub } from "../send/hub.ts";
import { supervise } from "../send/supervisor.ts";
import { ALL_CAMERAS } from "./receiver_options.ts";
import type { SenderOptions } from "./sender_options.ts";
import type { SenderCamera } from "./sender_session.ts";

/**
 * Makes a camera of each source, and finds out whether it can do what the options ask for.
 *
 * @param signal aborts the preparation, not the cameras
 * @throws {UsageError} if the names do not fit the sources
 * @throws {CamcatError} if a camera cannot do what the options ask for
 */
export async function prepareCameras(
  sources: Source[],
  options: SenderOptions,
  console: Console,
  signal: AbortSignal,
): Promise<SenderCamera[]> {
  const names = namesOf(sources, options.name);
  const cameras: SenderCamera[] = [];
  for (const [index, source] of sources.entries()) {
    const name = names[index];
    const report = new CaptureReport(console, name, sources.length === 1);
    const optionsOf = (signal: AbortSignal): CaptureOptions => ({
      ...captureOptions(options, name),
      signal,
      onNote: (note) => report.note(note),
      onDropped: () => report.broken(),
      onLine: (line) => console.detail(`ffmpeg: ${line}`),
    });
    const captured = new Capture(source);
    const webcam = source.kind === "device" ? new Webcam(source, options.set) : undefined;
    await webcam?.prepare(optionsOf(signal));
    const hub: Hub = new Hub({
      name,
      ...defined({ maxViewers: options["max-viewers"], maxRate: options["max-rate"] }),
      renditions: {
        cores: options["no-adapt"] ? 0 : options["adapt-cpu"],
        onLine: (line) => console.detail(`ffmpeg, ${line}`),
        onSlow: () => console.detail(`${name}: this machine is too slow to encode every picture`),
      },
      ...report.viewerEvents(() => hub),
    });
    cameras.push({
      hub,
      status: report.status(hub),
      supply: (signal) =>
        supervise(hub, {
          signal,
          onDemand: options["on-demand"],
          ...defined({ lingerMs: options.linger && options.linger * 1000, pause: webcam?.pause }),
          open: (signal) =>
            webcam?.capture(optionsOf(signal)) ?? captured.frames(optionsOf(signal)),
          onState: (state, error) => report.capture(state, error),
        }),
    });
  }
  return cameras;
}

/** The name that viewers see, for each source: as `--name` says, or the source itself. */
function namesOf(sources: Source[], given: string | undefined): string[] {
  const names = given === undefined
    ? sources.map(sourceName)
    : sources.length === 1
    ? [withoutSecrets(given)] // a single name may contain commas
    : given.split(",").map((name) => withoutSecrets(name.trim()));
  if (names.length !== sources.length) {
    throw new UsageError(
      `Cannot name ${sources.length} SOURCEs: --name must give as many names, received ${names.length}`,
    );
  }
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
  return names;
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
