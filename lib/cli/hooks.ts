/**
 * A command of the user's that is run when something happens.
 *
 * @module
 */

import { Child } from "../program/child.ts";
import { findProgram } from "../program/find_program.ts";
import type { Console } from "../program/console.ts";
import { printable } from "../base/text.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import type { MotionEvent } from "../receive/motion_sensor.ts";
import { NEVER, type Output } from "../receive/output.ts";
import type { RecordingEvent } from "../record/writer.ts";
import type { ReceiveEvent } from "../receive/receive.ts";

/** Hooks that run at the same time. */
const MAX_RUNNING = 4;
/** Hooks that wait for others to end; more are left out. */
const MAX_WAITING = 32;
/** How long the end of the program waits for hooks. */
const END_MS = 2000;

/** What a hook is run for; `CAMCAT_EVENT` tells it. */
export type HookEvent =
  | "connected"
  | "lost"
  | "live"
  | "not-live"
  | "motion"
  | "motion-end"
  | "recorded"
  | "snapshot";

/** What is known besides; each is a variable, empty for what is not known. */
export interface HookDetails {
  /** Why: `CAMCAT_REASON`. */
  reason?: string;
  /** The changed share of the picture, in percent: `CAMCAT_SCORE`. */
  score?: number;
  /** How long it lasted: `CAMCAT_SECONDS`. */
  seconds?: number;
  /** The file that is complete now: `CAMCAT_FILE`. */
  file?: string;
}

/** Options of {@linkcode Hooks}. */
export interface HooksOptions {
  /** Program and arguments. */
  command: [string, ...string[]];
  /** Of the sender, without its key; empty if it connects to us. */
  address: string;
  /** Hears what hooks say, and which failed. */
  console: Pick<Console, "detail" | "warn">;
}

/**
 * Runs a command for what happens to the connection and in the picture: directly, never by a
 * shell, with the details in its environment. What comes from the network can be data only.
 *
 * Of a connection that is lost `lost` is run once, and not again before `connected`, which
 * waits for the name of the camera, or for the first frame of a bare sender. At the end hooks
 * have 2 s, then they are ended: who needs longer lets something else do it.
 */
export class Hooks implements Output {
  /** Never: a hook that fails is warned of. */
  readonly ended: Promise<never> = NEVER;

  #options: HooksOptions;
  #camera = "";
  #state: "unknown" | "connected" | "lost" = "unknown";
  #isLive = true;
  #running = new Set<Child>();
  #waiting: (() => void)[] = [];
  #isClosing = false;

  /** @throws {CamcatError} if there is no such program */
  constructor(options: HooksOptions) {
    const [program] = options.command;
    if (findProgram(program) === undefined) {
      throw new CamcatError(
        `Cannot run ${program} as a hook: it must be a program that can be executed. ` +
          "Give its path, or install it",
      );
    }
    this.#options = options;
  }

  /** Runs the command, or lets it wait for others. */
  run(event: HookEvent, details: HookDetails = {}): void {
    if (this.#isClosing) return;
    const env = this.#environment(event, details);
    const start = () => this.#start(event, env);
    if (this.#running.size < MAX_RUNNING) start();
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(start);
    else this.#warn(event, `${MAX_RUNNING} hooks still run, and ${MAX_WAITING} wait`);
  }

  /** Runs it for a motion. */
  motion(event: MotionEvent): void {
    if (event.type === "began") this.run("motion", { score: event.score });
    else this.run("motion-end", { seconds: event.durationMs / 1000 });
  }

  /** Runs it for a file that is complete. */
  recording(event: RecordingEvent): void {
    if (event.type !== "ended") return;
    this.run("recorded", { file: event.file, seconds: event.durationMs / 1000 });
  }

  /** Runs it for what happens to the connection. */
  follow(event: ReceiveEvent): void {
    if (event.type === "stream") {
      this.#camera = event.name;
      this.#connected();
      if (event.live !== this.#isLive) {
        this.run(event.live ? "live" : "not-live", event.live ? {} : { reason: event.reason });
      }
      this.#isLive = event.live;
    } else if (event.type === "lost") {
      if (this.#state !== "lost") this.run("lost", { reason: event.reason });
      this.#state = "lost";
    }
  }

  /** Learns from a frame of a bare sender, which says nothing, that it is there. */
  take(): void {
    this.#connected();
  }

  /** Waits for hooks, but not long. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#waiting = [];
    const running = [...this.#running];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, END_MS));
    await Promise.race([late, Promise.all(running.map(({ process }) => process.status))]);
    clearTimeout(timer);
    await Promise.all(running.map((child) => child.kill()));
  }

  #connected(): void {
    if (this.#state === "connected") return;
    this.#state = "connected";
    this.#isLive = true;
    this.run("connected");
  }

  #environment(event: HookEvent, { reason, score, seconds, file }: HookDetails) {
    return {
      CAMCAT_EVENT: event,
      CAMCAT_TIME: new Date().toISOString(),
      CAMCAT_CAMERA: printable(this.#camera),
      CAMCAT_ADDRESS: this.#options.address,
      CAMCAT_REASON: printable(reason ?? ""),
      CAMCAT_SCORE: score?.toFixed(1) ?? "",
      CAMCAT_SECONDS: seconds?.toFixed(1) ?? "",
      CAMCAT_FILE: file ?? "",
      CAMCAT_KEY: "", // ours is nothing that a hook has to know
    };
  }

  #start(event: HookEvent, env: Record<string, string>): void {
    const { command: [program, ...args], console } = this.#options;
    try {
      const onLine = (line: string) => console.detail(`hook: ${line}`);
      const child = Child.spawn(program, args, { stdout: "lines", env, onLine });
      this.#running.add(child);
      // Not when its output ends: something it has started may hold that open.
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

/** Whether there is such a program, as far as that can be told without running it. */
