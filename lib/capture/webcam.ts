/**
 * One camera, recognised on whatever port it comes back.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { defined } from "../base/defined.ts";
import { BusyError, CamcatError, UsageError } from "../base/errors.ts";
import { type Camera, findAgain } from "../camera/camera.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { CaptureOptions } from "./capture.ts";
import { isReshaped } from "./filters.ts";
import { InputWatch } from "./input_watch.ts";
import { askedOfSource } from "./picture.ts";
import { type CameraPort, THIS_MACHINE } from "./camera_port.ts";
import {
  chooseMode,
  differs,
  type ModeRequest,
  requestText,
  type SelectedMode,
  selectedText,
} from "../camera/mode.ts";
import { checkSettings, type Setting } from "../camera/controls.ts";
import { type Source, sourceName } from "./source.ts";

/** How often to check whether a lost camera is back. */
const POLL_MS = 300;
/** The same where checking costs as much as trying to capture. */
const SLOW_POLL_MS = 1000;

/** The kind of source that a camera is. */
type Device = Extract<Source, { kind: "device" }>;

/** A camera as it was when it was first found, to recognise it by. */
interface KnownCamera {
  camera: Camera;
  /** Whether no other camera had its name then. */
  isUnique: boolean;
}

/** A camera to capture from. */
export class Webcam {
  #source: Device;
  #settings: Setting[];
  #port: CameraPort;
  #known: KnownCamera | undefined;
  #mode: SelectedMode | undefined;
  /** Where it was at the last check, and what the check saw. */
  #seen: { signs: string; device: string | undefined } | undefined;
  /** Where it was found a moment ago, when waiting for it ended. */
  #found: string | undefined;
  #losses = 0;

  /** Does nothing before {@linkcode Webcam.prepare} or {@linkcode Webcam.capture}. */
  constructor(source: Device, settings: Setting[] = [], port: CameraPort = THIS_MACHINE) {
    this.#source = source;
    this.#settings = settings;
    this.#port = port;
  }

  /**
   * Selects the camera's mode and checks the values to set, unless that was done before or the
   * camera is missing.
   *
   * @throws {UsageError} if the camera cannot do what the user asked
   * @throws {CamcatError} if this system cannot
   */
  async prepare(options: CaptureOptions): Promise<void> {
    if (this.#known !== undefined) return;
    const signs = this.#signs();
    const device = this.#givenDevice();
    if (device === undefined) return;
    const cameras = await this.#port.list();
    const camera = cameras.find((camera) => [camera.device, camera.stablePath].includes(device));
    if (this.#settings.length > 0) {
      const name = sourceName(this.#source);
      checkSettings(
        this.#settings,
        await this.#port.controls(camera?.device ?? device, name),
        name,
      );
    }
    if (camera === undefined || camera.problem !== undefined) return; // ffmpeg says why
    this.#mode = this.#select(camera, options);
    const namesakes = cameras.filter(({ name }) => name === camera.name);
    this.#known = { camera, isUnique: namesakes.length === 1 };
    this.#seen = { signs, device: camera.device };
  }

  /**
   * Captures from the camera, wherever it is now.
   *
   * @throws {BusyError} if another program uses it
   * @throws {CamcatError} if it is missing, cannot be captured, or is lost
   */
  async *capture(options: CaptureOptions): AsyncGenerator<Frame, void, void> {
    await this.prepare(options);
    const device = this.#found ?? await this.#locate();
    this.#found = undefined;
    if (device === undefined) throw this.#missing();
    const name = sourceName(this.#source);
    await this.#port.set(device, this.#settings, name);
    const timings = await this.#port.inputTimings(device);
    if (timings !== undefined) await this.#port.followInput(device);
    if (this.#losses > 0) await this.#refreshMode(device, options);
    const mode = this.#mode;
    await using watch = new InputWatch(this.#port, device, timings, options.signal);
    try {
      yield* this.#port.capture({ ...this.#source, path: device, name }, {
        ...options,
        signal: watch.signal,
        ...defined({ mode }),
        // A picture that is rotated or cropped does not have the size of the mode.
        ...(mode === undefined || isReshaped(options)
          ? {}
          : { size: { width: mode.width, height: mode.height } }),
      });
      if (watch.change !== undefined) {
        throw new CamcatError(`Cannot continue reading ${name}: its input changed ${watch.change}`);
      }
    } catch (error) {
      this.#losses++;
      throw this.#explained(error, device);
    }
  }

  /**
   * Waits for `ms`; less if the camera comes back, and more while it is missing. It is the `pause`
   * of `supervise()`.
   */
  pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (this.#port.os !== "linux") return await wait(Math.min(ms, SLOW_POLL_MS), signal);
    const until = performance.now() + ms;
    let signs = this.#signs();
    while (!signal.aborted) {
      const leftMs = until - performance.now();
      await wait(leftMs > 0 ? Math.min(leftMs, POLL_MS) : POLL_MS, signal);
      const device = await this.#locate();
      const isDue = performance.now() >= until || this.#signs() !== signs;
      if (device !== undefined && isDue) {
        this.#found = device;
        return;
      }
      signs = this.#signs();
    }
  };

  /** Selects the mode again: an HDMI grabber offers what its input sends now. */
  async #refreshMode(device: string, options: CaptureOptions): Promise<void> {
    if (this.#known === undefined || this.#port.os !== "linux") return;
    const camera = await this.#port.at(device);
    if (camera !== undefined && camera.modes.length > 0) this.#mode = this.#select(camera, options);
  }

  #select(camera: Camera, options: CaptureOptions): SelectedMode | undefined {
    const { copy, onNote } = options;
    const { size, fps } = askedOfSource(options);
    if (camera.modes.length === 0) return undefined;
    const request: ModeRequest = { ...defined({ size, fps }), mjpeg: copy === true };
    const name = sourceName(this.#source);
    const mode = chooseMode(camera.modes, request);
    if (mode === undefined) {
      throw new UsageError(
        `Cannot pass the pictures of ${name} on untouched: it offers no MJPEG. Leave out --copy`,
      );
    }
    if (differs(mode, request)) {
      onNote?.(`${name} does not offer ${requestText(request)}: using ${selectedText(mode)}`);
    }
    return mode;
  }

  /** The device that SOURCE names, as ffmpeg opens it; undefined if it is missing. */
  #givenDevice(): string | undefined {
    return this.#port.os === "linux" ? this.#port.realPath(this.#source.path) : this.#source.path;
  }

  /** Where the camera is now; undefined if it is missing. */
  async #locate(): Promise<string | undefined> {
    if (this.#known === undefined) return this.#givenDevice();
    const signs = this.#signs();
    if (this.#seen?.signs !== signs) {
      this.#seen = { signs, device: await this.#find(this.#known) };
    }
    return this.#seen.device;
  }

  async #find({ camera, isUnique }: KnownCamera): Promise<string | undefined> {
    if (this.#port.os === "linux") {
      if (camera.stablePath !== undefined) return this.#port.realPath(camera.stablePath);
      // A path of another kind, such as by-path, names a port and not a camera.
      if (!/^\/dev\/video\d+$/.test(this.#source.path)) {
        return this.#port.realPath(this.#source.path);
      }
    }
    const there = this.#port.os === "linux" ? await this.#port.at(camera.device) : undefined;
    if (there?.name === camera.name) return camera.device; // the usual case, and quick to check
    return findAgain(camera, isUnique, await this.#port.list())?.device;
  }

  /** Changes when a camera is plugged in or out; elsewhere than on Linux, with every loss. */
  #signs(): string {
    return this.#port.os === "linux" ? this.#port.signs() : `${this.#losses}`;
  }

  #missing(): CamcatError {
    return new CamcatError(
      `Cannot open ${sourceName(this.#source)}: there is no such camera. ` +
        "Plug it in, name another SOURCE, or try `sender test`",
    );
  }

  #explained(error: unknown, device: string): unknown {
    if (!(error instanceof BusyError)) return error;
    const users = this.#port.usersOf(device);
    const subject = users.length === 0 ? "another program is" : `${users.join(", ")} is`;
    return new BusyError(
      `Cannot open ${sourceName(this.#source)}: ${subject} using it. Close that program`,
      { cause: error, details: error.details },
    );
  }
}
