/**
 * What this end of a call sends: its camera and its microphone, while a call lasts.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { Size } from "../base/size.ts";
import type { CaptureOptions } from "../capture/capture.ts";
import type { Console } from "../program/console.ts";
import { CaptureReport } from "../report/capture_report.ts";
import { MicrophoneReport } from "../report/sound_report.ts";
import { Hub } from "../send/hub.ts";
import { supervise } from "../send/supervisor.ts";
import { captureMicrophone } from "../sound/microphone.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";
import type { OwnCamera } from "./own_camera.ts";

/** What to capture. */
export interface OwnMediaOptions {
  /** What the other end sees as the name of the picture. */
  name: string;
  /** The camera. @default none: the other end is told so */
  camera: OwnCamera | undefined;
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

/** The camera and the microphone of this end. Both are closed at first. */
export class OwnMedia {
  /** Where the other end watches and listens. */
  readonly hub: Hub;
  /** Whether the microphone is left out, although it is open. */
  isMuted = false;

  #options: OwnMediaOptions;
  #pictures: Promise<void> | undefined;

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

  /** Opens the camera before {@linkcode OwnMedia.supply} does; resolves when it is closed. */
  openCamera(signal: AbortSignal): Promise<void> {
    return this.#pictures ??= this.#capture(signal);
  }

  /**
   * Captures until `signal` is aborted. What cannot be opened is told and tried again: half a call
   * is better than none.
   *
   * @param microphone the one to use now; undefined for that of the system
   */
  async supply(signal: AbortSignal, microphone: () => Promise<string | undefined>): Promise<void> {
    await Promise.all([this.openCamera(signal), this.#sound(signal, microphone)]);
    this.hub.forget();
    this.hub.sound.forget();
  }

  async #capture(signal: AbortSignal): Promise<void> {
    const { camera, name, console } = this.#options;
    if (camera === undefined) return this.hub.lost(`${name} shows no picture`);
    const report = new CaptureReport(console, camera.name, true);
    const options = (signal: AbortSignal): CaptureOptions => ({
      loop: true,
      ...defined({ size: this.#options.size, fps: this.#options.fps }),
      signal,
      onNote: (note) => report.note(note),
      onLine: (line) => console.detail(`ffmpeg: ${line}`),
    });
    await supervise(this.hub, {
      signal,
      ...defined({ pause: camera.pause }),
      isHopeless: () => false,
      open: (signal) => camera.frames(options(signal)),
      onState: (state, error) => report.capture(state, error),
    });
    if (!signal.aborted) this.hub.lost(`${camera.name} has ended`);
  }

  async #sound(
    signal: AbortSignal,
    microphone: () => Promise<string | undefined>,
  ): Promise<void> {
    const { hasSound, console, name } = this.#options;
    if (!hasSound) return;
    const report = new MicrophoneReport(console, name);
    this.hub.sound.announce(1);
    await supervise<SoundPacket>(this.hub.sound, {
      signal,
      isHopeless: () => false,
      open: async function* (signal) {
        yield* captureMicrophone({
          device: await microphone(),
          channels: 1,
          signal,
          onOpen: (name) => report.named(name),
          onLine: (line) => console.detail(`ffmpeg, sound: ${line}`),
        });
      },
      publish: (packet) => {
        if (!this.isMuted) this.hub.sound.publish(packet);
      },
      onState: (state, error) => report.capture(state, error),
    });
  }
}
