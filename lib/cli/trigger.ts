/**
 * Triggers: another program says when to record.
 *
 * @module
 */

import { cut, safeText } from "../base/text.ts";
import type { MotionEvent } from "../receive/motion_sensor.ts";
import { NEVER, type Output } from "../receive/output.ts";

/** What is triggered without a reason. */
export const NO_REASON = "trigger";
/** A line longer than this is cut: nobody has so much to say. */
const MAX_LINE_CHARACTERS = 1024;

/** What a trigger does. */
export type TriggerCommand =
  /** Records until some time after it. */
  | { type: "pull"; reason: string }
  /** Records until `stop`. */
  | { type: "start"; reason: string }
  | { type: "stop" };

/** Reads a command: `stop`, `start REASON`, or anything else, which is the reason of a `pull`. */
export function parseTrigger(line: string): TriggerCommand {
  const text = safeText(cut(line.trim()));
  if (text === "stop") return { type: "stop" };
  const [, started] = /^start(?: +(.*))?$/.exec(text) ?? [];
  if (started !== undefined || text === "start") {
    return { type: "start", reason: started || NO_REASON };
  }
  return { type: "pull", reason: text || NO_REASON };
}

/** Turns commands into motions that begin and end. */
export class Trigger implements Disposable {
  #afterMs: number;
  #onMotion: (event: MotionEvent) => void;
  #beganAt: number | undefined;
  #isHeld = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param afterMs how long it lasts after a pull or a stop, in milliseconds
   * @param onMotion called when it begins and when it ends; each that begins also ends
   */
  constructor(afterMs: number, onMotion: (event: MotionEvent) => void) {
    this.#afterMs = afterMs;
    this.#onMotion = onMotion;
  }

  /** Does what a command says. */
  take(command: TriggerCommand): void {
    if (command.type !== "stop") this.#begin(command.reason);
    this.#isHeld = command.type === "start" || this.#isHeld && command.type === "pull";
    clearTimeout(this.#timer);
    if (!this.#isHeld) this.#timer = setTimeout(() => this.#end(), this.#afterMs);
  }

  /** Ends what has begun. */
  [Symbol.dispose](): void {
    this.#end();
  }

  #begin(reason: string): void {
    if (this.#beganAt !== undefined) return;
    this.#beganAt = performance.now();
    this.#onMotion({ type: "began", by: "trigger", reason });
  }

  #end(): void {
    clearTimeout(this.#timer);
    if (this.#beganAt === undefined) return;
    const durationMs = performance.now() - this.#beganAt;
    this.#beganAt = undefined;
    this.#onMotion({ type: "ended", durationMs });
  }
}

/** Passes the commands of other programs to the triggers of all cameras. */
export class TriggerSource {
  #triggers = new Set<Trigger>();

  /** Passes commands to `trigger`, too, until what is returned is disposed of. */
  add(trigger: Trigger): Disposable {
    this.#triggers.add(trigger);
    return { [Symbol.dispose]: () => void this.#triggers.delete(trigger) };
  }

  /** Passes a command on. */
  send(command: TriggerCommand): void {
    for (const trigger of this.#triggers) trigger.take(command);
  }

  /** Listens to SIGUSR1, which pulls, and SIGUSR2, which stops, for as long as the program runs. */
  followSignals(): void {
    if (Deno.build.os === "windows") return;
    Deno.addSignalListener("SIGUSR1", () => this.send({ type: "pull", reason: NO_REASON }));
    Deno.addSignalListener("SIGUSR2", () => this.send({ type: "stop" }));
    // In the background, reading from the terminal would stop the program: now it fails instead.
    Deno.addSignalListener("SIGTTIN", () => {});
  }

  /** Reads commands, one on each line, until the text ends or cannot be read. */
  async followLines(text: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    try {
      for await (const piece of text.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + piece).split(/\r?\n/);
        rest = lines.pop()!.slice(0, MAX_LINE_CHARACTERS);
        for (const line of lines) this.send(parseTrigger(line));
      }
    } catch {
      return; // it is closed, or a terminal that belongs to another program now
    }
    if (rest !== "") this.send(parseTrigger(rest));
  }
}

/** A camera's trigger, for as long as its outputs are open. */
export class TriggerObserver implements Output {
  /** Never. */
  readonly ended: Promise<never> = NEVER;

  #trigger: Trigger;
  #added: Disposable;

  /** Adds the trigger to a source. */
  constructor(source: TriggerSource, trigger: Trigger) {
    this.#trigger = trigger;
    this.#added = source.add(trigger);
  }

  /** The picture does not matter. */
  take(): void {}

  /** Ends what has begun. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#added[Symbol.dispose]();
    this.#trigger[Symbol.dispose]();
    return Promise.resolve();
  }
}
