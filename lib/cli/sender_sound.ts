/**
 * The sound of the sender's cameras, as `--sound` says.
 *
 * @module
 */

import { type CamcatError, UsageError } from "../base/errors.ts";
import type { Source } from "../capture/source.ts";
import type { Console } from "../program/console.ts";
import { MicrophoneReport } from "../report/sound_report.ts";
import type { Hub } from "../send/hub.ts";
import { type CaptureState, supervise, type SuperviseOptions } from "../send/supervisor.ts";
import { captureMicrophone } from "../sound/microphone.ts";
import type { Channels } from "../sound/opus_output.ts";
import type { SoundOptions } from "../sound/sound_output.ts";
import type { SenderOptions } from "../options/sender_options.ts";

/** The value of a `--sound` that names no microphone. */
export const DEFAULT_MICROPHONE = "default";

/** Where the sound of a camera comes from. */
export type CameraSound = "source" | "microphone" | undefined;

/**
 * Where the sound of each source comes from. A microphone that is named goes with the first source;
 * otherwise files, URLs and the built-in picture have their own, and the system's microphone goes
 * with the first of the others.
 *
 * @throws {UsageError} if no source can have sound
 */
export function soundsOf(
  sources: { kind: Source["kind"] | "other"; shared?: readonly string[] }[],
  wanted: string | undefined,
): CameraSound[] {
  if (wanted === undefined) return sources.map(() => undefined);
  const isPhone = sources.some(({ shared }) => shared?.includes("sound")); // it has its own
  if (
    sources.every(({ kind }) => kind === "other") && !(isPhone && wanted === DEFAULT_MICROPHONE)
  ) {
    throw new UsageError("Cannot use --sound: no SOURCE here is captured by this sender");
  }
  const hasOwn = sources.map(({ kind }) => kind === "test" || kind === "file" || kind === "url");
  const first = wanted === DEFAULT_MICROPHONE
    ? sources.findIndex(({ kind }, index) => !hasOwn[index] && kind !== "other")
    : sources.findIndex(({ kind }) => kind !== "other");
  return sources.map((_, index) =>
    index === first ? "microphone" : hasOwn[index] ? "source" : undefined
  );
}

/** The sound of the source itself, for its capture. */
export function sourceSound(hub: Hub, source: Source, options: SenderOptions): SoundOptions {
  const isMedia = source.kind === "file" || source.kind === "url";
  const channels: Channels = options.stereo || isMedia ? 2 : 1;
  if (!isMedia) hub.sound.announce(channels); // a file may have none
  return {
    channels,
    onPacket(packet) {
      if (hub.sound.state === undefined) hub.sound.announce(channels);
      hub.sound.publish(packet);
    },
  };
}

/** Tells listeners what the capture of the source, and so its sound, does now. */
export function followSource(hub: Hub, state: CaptureState, error?: CamcatError): void {
  if (error !== undefined) hub.sound.lost(error.message);
  else if (state === "idle" || state === "ended") hub.sound.forget();
}

/**
 * Supplies the sound of a microphone beside the pictures that `pictures` supplies, until these end
 * or `signal` is aborted.
 *
 * @throws {CamcatError} if the microphone cannot be captured at the start, or as `pictures` does
 */
export async function withMicrophone(
  pictures: (signal: AbortSignal) => Promise<void>,
  hub: Hub,
  { options, demand, console, signal }: {
    options: SenderOptions;
    demand: Pick<SuperviseOptions, "onDemand" | "lingerMs">;
    console: Console;
    signal: AbortSignal;
  },
): Promise<void> {
  const channels: Channels = options.stereo ? 2 : 1;
  const report = new MicrophoneReport(console, hub.name);
  const device = options.sound === DEFAULT_MICROPHONE ? undefined : options.sound;
  hub.sound.announce(channels);
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const sound = supervise(hub.sound, {
    signal: both,
    ...demand,
    open: (signal) =>
      captureMicrophone({
        device,
        channels,
        signal,
        onOpen: (name) => report.named(name),
        onLine: (line) => console.detail(`ffmpeg, sound: ${line}`),
      }),
    onState: (state, error) => report.capture(state, error),
  });
  // Whichever ends first, or fails, ends the other.
  const results = await Promise.allSettled([pictures(both), sound].map(async (work) => {
    try {
      await work;
    } finally {
      ended.abort();
    }
  }));
  const failure = results.find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw failure.reason;
}
