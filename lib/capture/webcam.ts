/**
 * One camera, however often it is unplugged, and wherever it comes back.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { type Camera, findAgain } from "../camera/camera.ts";
import { applySettings, listControls } from "../camera/v4l2_ctl.ts";
import { cameraAt, listCameras, realPath, stablePaths, videoNodes } from "../camera/cameras.ts";
import { capture, type CaptureOptions } from "./capture.ts";
import { BusyError, CamcatError, UsageError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { askedOfSource } from "./ffmpeg_args.ts";
import { isReshaped } from "./filters.ts";
import { usersOf } from "../camera/device_users.ts";
import {
  chooseMode,
  differs,
  type ModeRequest,
  requestText,
  type SelectedMode,
  selectedText,
} from "../camera/mode.ts";
import { checkSettings, type Setting } from "../camera/controls.ts";
import { nameOf, type Source } from "./source.ts";

/** How often it is looked whether a lost camera is back. */
const POLL_MS = 300;
/** The same where looking takes as much as trying to capture. */
const SLOW_POLL_MS = 1000;

/** The kind of source that a camera is. */
type Device = Extract<Source, { kind: "device" }>;

/** A camera as it was when it was first found, to know it again by. */
interface Identity {
  camera: Camera;
  /** Whether no other camera had its name then. */
  isUnique: boolean;
}

/** A camera to capture from. */
export class Webcam {
  #source: Device;
  #settings: Setting[];
  #identity: Identity | undefined;
  #choice: SelectedMode | undefined;
  /** Where it was when that was looked up last, and what there was to see then. */
  #seen: { signs: string; device: string | undefined } | undefined;
  /** Where it was found a moment ago, when waiting for it ended. */
  #found: string | undefined;
  #losses = 0;

  /** Nothing happens before {@linkcode Webcam.prepare} or {@linkcode Webcam.capture}. */
  constructor(source: Device, settings: Setting[] = []) {
    this.#source = source;
    this.#settings = settings;
  }

  /**
   * Chooses the camera's mode and checks what is to be set, if the camera is there and
   * that was not done yet.
   *
   * @throws {UsageError} if it cannot do what the user asked
   * @throws {CamcatError} if this system cannot
   */
  async prepare(options: CaptureOptions): Promise<void> {
    if (this.#identity !== undefined) return;
    const signs = this.#signs();
    const device = this.#givenDevice();
    if (device === undefined) return;
    const cameras = await listCameras();
    const camera = cameras.find((camera) => [camera.device, camera.stablePath].includes(device));
    if (this.#settings.length > 0) {
      const name = nameOf(this.#source);
      checkSettings(this.#settings, await listControls(camera?.device ?? device, name), name);
    }
    if (camera === undefined || camera.problem !== undefined) return; // ffmpeg will tell
    this.#choice = this.#choose(camera, options);
    const namesakes = cameras.filter(({ name }) => name === camera.name);
    this.#identity = { camera, isUnique: namesakes.length === 1 };
    this.#seen = { signs, device: camera.device };
  }

  /**
   * Captures from the camera, wherever it is now.
   *
   * @throws {BusyError} if another program holds it
   * @throws {CamcatError} if it is not there, cannot be captured, or is lost
   */
  async *capture(options: CaptureOptions): AsyncGenerator<Frame, void, void> {
    await this.prepare(options);
    const device = this.#found ?? await this.#locate();
    this.#found = undefined;
    if (device === undefined) throw this.#missing();
    await applySettings(device, this.#settings, nameOf(this.#source));
    const mode = this.#choice;
    try {
      yield* capture({ ...this.#source, path: device, name: nameOf(this.#source) }, {
        ...options,
        ...(mode === undefined ? {} : { mode }),
        // What is turned or cut is not of the mode's size any more.
        ...(mode === undefined || isReshaped(options)
          ? {}
          : { size: { width: mode.width, height: mode.height } }),
      });
    } catch (error) {
      this.#losses++;
      throw this.#explained(error, device);
    }
  }

  /**
   * Waits for `ms`, not as long if the camera comes back, and longer as long as it is away.
   * Made for `pause` in the options of `feed`.
   */
  pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (Deno.build.os !== "linux") return await wait(Math.min(ms, SLOW_POLL_MS), signal);
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

  #choose(camera: Camera, options: CaptureOptions): SelectedMode | undefined {
    const { copy, onNote } = options;
    const { size, fps } = askedOfSource(options);
    if (camera.modes.length === 0) return undefined;
    const wish: ModeRequest = {
      ...(size === undefined ? {} : { size }),
      ...(fps === undefined ? {} : { fps }),
      mjpeg: copy === true,
    };
    const name = nameOf(this.#source);
    const choice = chooseMode(camera.modes, wish);
    if (choice === undefined) {
      throw new UsageError(
        `Cannot pass the pictures of ${name} on untouched: it offers no MJPEG. Leave out --copy`,
      );
    }
    if (differs(choice, wish)) {
      onNote?.(`${name} does not offer ${requestText(wish)}: taking ${selectedText(choice)}`);
    }
    return choice;
  }

  /** What the user called it, as ffmpeg opens it; undefined if there is nothing. */
  #givenDevice(): string | undefined {
    return Deno.build.os === "linux" ? realPath(this.#source.path) : this.#source.path;
  }

  /** Where the camera is now; undefined if it is away. */
  async #locate(): Promise<string | undefined> {
    if (this.#identity === undefined) return this.#givenDevice();
    const signs = this.#signs();
    if (this.#seen?.signs !== signs) {
      this.#seen = { signs, device: await this.#find(this.#identity) };
    }
    return this.#seen.device;
  }

  async #find({ camera, isUnique }: Identity): Promise<string | undefined> {
    if (Deno.build.os === "linux") {
      if (camera.stablePath !== undefined) return realPath(camera.stablePath);
      // A path of another kind, as by-path, says where and not which camera.
      if (!/^\/dev\/video\d+$/.test(this.#source.path)) return realPath(this.#source.path);
    }
    const there = Deno.build.os === "linux" ? await cameraAt(camera.device) : undefined;
    if (there?.name === camera.name) return camera.device; // most often, and soon found out
    return findAgain(camera, isUnique, await listCameras())?.device;
  }

  /** What changes when a camera is plugged in or out; elsewhere only a loss is a sign of that. */
  #signs(): string {
    if (Deno.build.os !== "linux") return `${this.#losses}`;
    const nodes = videoNodes().map((path) => {
      try {
        const { ino, ctime } = Deno.statSync(path);
        return `${path} ${ino} ${ctime?.getTime()}`; // its owner changes a moment later
      } catch {
        return ""; // gone meanwhile
      }
    });
    return [...nodes, ...[...stablePaths()].flat()].join("\n");
  }

  #missing(): CamcatError {
    return new CamcatError(
      `Cannot open ${nameOf(this.#source)}: there is no such camera. ` +
        "Plug it in, name another SOURCE, or try `sender test`",
    );
  }

  #explained(error: unknown, device: string): unknown {
    if (!(error instanceof BusyError)) return error;
    const holders = usersOf(device);
    const who = holders.length === 0 ? "another program is" : `${holders.join(", ")} is`;
    return new BusyError(
      `Cannot open ${nameOf(this.#source)}: ${who} using it. Close that program`,
      { cause: error, details: error.details },
    );
  }
}
