/**
 * What this end of a call sends: its camera and its microphone, while a call lasts.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { CamcatError } from "../base/errors.ts";
import type { Size } from "../base/size.ts";
import { Capture, type CaptureOptions } from "../capture/capture.ts";
import { type Source, sourceName } from "../capture/source.ts";
import { Webcam } from "../capture/webcam.ts";
import type { Console } from "../program/console.ts";
import { CaptureReport } from "../report/capture_report.ts";
import { MicrophoneReport } from "../report/sound_report.ts";
import { Hub } from "../send/hub.ts";
import { supervise } from "../send/supervisor.ts";
import { captureMicrophone } from "../sound/microphone.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";

/** What to capture. */
export interface OwnMediaOptions {
  /** What the other end sees as the name of the picture. */
  name: string;
  /** The camera. @default none: the other end is told so */
  camera: Source | undefined;
  /** Whether the microphone is sent. */
  hasSound: boolean;
  /** The microphone. @default the one that the system takes */
  microphone: string | undefined;
  /** The size of the picture. @default as the camera likes */
  size: Partial<Size> | undefined;
  /** Pictures per second. @default as the camera likes */
  fps: number | undefined;
  /** The largest number of bits per second that is sent. @default no limit */
  maxRate: number | undefined;
  /** Where what happens is told. */
  console: Console;
}

/** The camera and the microphone of this end. Neither is open before {@linkcode OwnMedia.supply}. */
export class OwnMedia {
  /** Where the other end watches and listens. */
  readonly hub: Hub;
  /** Whether the microphone is left out, although it is open. */
  isMuted = false;

  #options: OwnMediaOptions;

  /** Opens nothing. */
  constructor(options: OwnMediaOptions) {
    this.#options = options;
    const { name, maxRate, console } = options;
    this.hub = new Hub({
      name,
      ...defined({ maxRate }),
      renditions: { onLine: (line) => console.detail(`ffmpeg, ${name}: ${line}`) },
    });
  }

  /**
   * Captures until `signal` is aborted. What cannot be opened is told and tried again: half a call
   * is better than none.
   *
   * @param microphone the one to use. @default that of the options
   */
  async supply(signal: AbortSignal, microphone = this.#options.microphone): Promise<void> {
    await Promise.all([this.#pictures(signal), this.#sound(signal, microphone)]);
    this.hub.forget();
    this.hub.sound.forget();
  }

  async #pictures(signal: AbortSignal): Promise<void> {
    const { camera, name, console } = this.#options;
    if (camera === undefined) return this.hub.lost(`${name} shows no picture`);
    const report = new CaptureReport(console, sourceName(camera), true);
    const options = (signal: AbortSignal): CaptureOptions => ({
      loop: true,
      ...defined({ size: this.#options.size, fps: this.#options.fps }),
      signal,
      onNote: (note) => report.note(note),
      onLine: (line) => console.detail(`ffmpeg: ${line}`),
    });
    const captured = new Capture(camera);
    const webcam = camera.kind === "device" ? new Webcam(camera) : undefined;
    await supervise(this.hub, {
      signal,
      ...defined({ pause: webcam?.pause }),
      isHopeless: () => false,
      open: (signal) => webcam?.capture(options(signal)) ?? captured.frames(options(signal)),
      onState: (state, error) => report.capture(state, error),
    });
    if (!signal.aborted) this.hub.lost(`${sourceName(camera)} has ended`);
  }

  async #sound(signal: AbortSignal, device: string | undefined): Promise<void> {
    const { hasSound, console, name } = this.#options;
    if (!hasSound) return;
    const report = new MicrophoneReport(console, name);
    this.hub.sound.announce(1);
    await supervise<SoundPacket>(this.hub.sound, {
      signal,
      isHopeless: () => false,
      open: (signal) =>
        captureMicrophone({
          device,
          channels: 1,
          signal,
          onOpen: (name) => report.named(name),
          onLine: (line) => console.detail(`ffmpeg, sound: ${line}`),
        }),
      publish: (packet) => {
        if (!this.isMuted) this.hub.sound.publish(packet);
      },
      onState: (state, error) => report.capture(state, error),
    });
  }
}

/**
 * Finds the camera of this end.
 *
 * @param find finds the one that is named, or the first
 * @returns undefined if none is named and there is none
 */
export async function ownCamera(
  name: string | undefined,
  find: (name: string | undefined) => Promise<Source>,
  console: Console,
): Promise<Source | undefined> {
  try {
    return await find(name);
  } catch (error) {
    if (name !== undefined || !(error instanceof CamcatError)) throw error;
    console.warn(
      { event: "no-camera", reason: error.message },
      "There is no camera: the other end will hear you, but not see you",
    );
    return undefined;
  }
}
