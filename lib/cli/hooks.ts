/**
 * Runs a command of the user when something happens.
 *
 * @module
 */

import { Child } from "../program/child.ts";
import { findProgram } from "../program/find_program.ts";
import type { Console } from "../program/console.ts";
import { safeText } from "../base/text.ts";
import { within } from "../base/within.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import type { MotionEvent } from "../receive/motion_sensor.ts";
import { NEVER, type Output } from "../receive/output.ts";
import type { RecordingEvent } from "../record/recording_event.ts";
import type { ReceiveEvent } from "../receive/receive.ts";

/** Hooks that may run at the same time. */
const MAX_RUNNING = 4;
/** Hooks that may wait for others to end; more are not run. */
const MAX_WAITING = 32;
/** How long the program waits for hooks before it exits. */
const END_MS = 2000;

/** The event that a hook runs for: `CAMCAT_EVENT`. */
export type HookEvent =
  | "connected"
  | "lost"
  | "live"
  | "not-live"
  | "motion"
  | "motion-end"
  | "recorded"
  | "snapshot";

/** Details of an event. Each has a variable, which is empty if the detail is not known. */
export interface HookDetails {
  /** Why it happened, or what noticed it, picture or sound: `CAMCAT_REASON`. */
  reason?: string;
  /** The changed share of the picture, in percent: `CAMCAT_SCORE`. */
  score?: number;
  /** How loud it is, in decibels: `CAMCAT_LEVEL`. */
  level?: number;
  /** How long it lasted: `CAMCAT_SECONDS`. */
  seconds?: number;
  /** The file that was completed: `CAMCAT_FILE`. */
  file?: string;
}

/** Options of {@linkcode Hooks}. */
export interface HooksOptions {
  /** Program and arguments. */
  command: [string, ...string[]];
  /** The address of the sender, without its key; empty if the sender connects to the receiver. */
  address: string;
  /** Shows the output of hooks, and which of them failed. */
  console: Pick<Console, "detail" | "warn">;
}

/**
 * Runs a command for each event of the connection and the picture. No shell is involved, and the
 * details are in the environment, so that names from the network are data only.
 *
 * The `lost` hook runs once per lost connection, and the `connected` hook once the camera's name is
 * known, or with the first frame of a raw sender. When the receiver exits, hooks get 2 s to finish,
 * then they are killed: longer work belongs into a process that the hook starts.
 */
export class Hooks implements Output {
  /** Never resolves: a hook that fails causes a warning. */
  readonly ended: Promise<never> = NEVER;

  #options: HooksOptions;
  #camera = "";
  #state: "unknown" | "connected" | "lost" = "unknown";
  #isLive = true;
  /** Why the stream is not live; undefined if it is. */
  #streamTrouble: string | undefined;
  #running = new Set<Child>();
  #waiting: (() => void)[] = [];
  #isClosing = false;

  /** @throws {CamcatError} if the program does not exist */
  constructor(options: HooksOptions) {
    const [program] = options.command;
    if (findProgram(program) === undefined) {
      throw new CamcatError(
        `Cannot run ${program} as a hook: it must be an executable program. ` +
          "Give its path, or install it",
      );
    }
    this.#options = options;
  }

  /** Runs the command now, or after hooks that still run. */
  run(event: HookEvent, details: HookDetails = {}): void {
    if (this.#isClosing) return;
    const env = this.#environment(event, details);
    const start = () => this.#start(event, env);
    if (this.#running.size < MAX_RUNNING) start();
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(start);
    else this.#warn(event, `${MAX_RUNNING} hooks are running and ${MAX_WAITING} are waiting`);
  }

  /** Runs the command when motion begins or ends. */
  motion(event: MotionEvent): void {
    if (event.type === "began") {
      const details: HookDetails = event.by === "trigger"
        ? { reason: event.reason }
        : event.by === "sound"
        ? { reason: event.by, level: event.levelDb }
        : { reason: event.by, score: event.score };
      this.run("motion", details);
    } else this.run("motion-end", { seconds: event.durationMs / 1000 });
  }

  /** Runs the command for a recorded file that is complete. */
  recording(event: RecordingEvent): void {
    if (event.type !== "ended") return;
    this.run("recorded", { file: event.file, seconds: event.durationMs / 1000 });
  }

  /** Runs the command for what happens to the connection. */
  follow(event: ReceiveEvent): void {
    switch (event.type) {
      case "stream":
        this.#camera = event.name;
        this.#connected();
        this.#streamTrouble = event.live ? undefined : event.reason;
        this.#setLive(this.#streamTrouble);
        break;
      case "silent":
        this.#setLive(event.reason);
        break;
      case "heard":
        this.#setLive(this.#streamTrouble);
        break;
      case "lost":
        if (this.#state !== "lost") this.run("lost", { reason: event.reason });
        this.#state = "lost";
        break;
    }
  }

  /** Runs the command if the picture has become live or not live. */
  #setLive(trouble: string | undefined): void {
    const isLive = trouble === undefined;
    if (this.#state === "connected" && isLive !== this.#isLive) {
      this.run(isLive ? "live" : "not-live", isLive ? {} : { reason: trouble });
    }
    this.#isLive = isLive;
  }

  /** Takes a frame: from a raw sender it is the only sign of a connection. */
  take(): void {
    this.#connected();
  }

  /** Waits 2 s for running hooks, then kills them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#waiting = [];
    const running = [...this.#running];
    await within(Promise.all(running.map(({ process }) => process.status)), END_MS);
    await Promise.all(running.map((child) => child.kill()));
  }

  #connected(): void {
    if (this.#state === "connected") return;
    this.#state = "connected";
    this.#isLive = true;
    this.run("connected");
  }

  #environment(event: HookEvent, { reason, score, level, seconds, file }: HookDetails) {
    return {
      CAMCAT_EVENT: event,
      CAMCAT_TIME: new Date().toISOString(),
      CAMCAT_CAMERA: safeText(this.#camera),
      CAMCAT_ADDRESS: this.#options.address,
      CAMCAT_REASON: safeText(reason ?? ""),
      CAMCAT_SCORE: score?.toFixed(1) ?? "",
      CAMCAT_LEVEL: level?.toFixed(0) ?? "",
      CAMCAT_SECONDS: seconds?.toFixed(1) ?? "",
      CAMCAT_FILE: file ?? "",
      CAMCAT_KEY: "", // a hook does not need the key
    };
  }

  #start(event: HookEvent, env: Record<string, string>): void {
    const { command: [program, ...args], console } = this.#options;
    try {
      const onLine = (line: string) => console.detail(`hook: ${line}`);
      const child = Child.spawn(program, args, { stdout: "lines", env, onLine });
      this.#running.add(child);
      // Its output may stay open longer, in a process that it has started.
      child.process.status.then(({ code, signal }) => {
        this.#running.delete(child);
        if (code !== 0 && !this.#isClosing) {
          this.#warn(event, signal === null ? `exit status ${code}` : `ended by ${signal}`);
        }
        this.#waiting.shift()?.();
      });
    } catch (error) {
      this.#warn(event, messageOf(error));
      this.#waiting.shift()?.();
    }
  }

  #warn(hook: HookEvent, reason: string): void {
    const { console } = this.#options;
    console.warn(
      { event: "hook-failed", hook, reason },
      `The hook for "${hook}" failed: ${reason}`,
    );
  }
}
