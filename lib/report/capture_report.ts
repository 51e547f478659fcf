/**
 * Reports on one camera of the sender: its viewers, capture and figures.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import type { Console, Status } from "../program/console.ts";
import type { Stream } from "../protocol/control.ts";
import type { CamcatError } from "../base/errors.ts";
import type { CaptureState } from "../send/supervisor.ts";
import type { Hub } from "../send/hub.ts";
import type { HubOptions } from "../send/hub_options.ts";
import { formatMs, rounded } from "../base/quantity.ts";
import { soundStatus } from "./sound_report.ts";
import { Rate } from "../base/stats.ts";

/** Reports viewers, capture and figures of a camera on a {@linkcode Console}. */
export class CaptureReport {
  #console: Console;
  #name: string;
  /** Begins each line that does not name the camera; empty if there is only one camera. */
  #prefix: string;
  #state: CaptureState | "not live" = "idle";
  /** Why the source of a relay is not live. */
  #reason = "";
  #broken = 0;

  /** Reports on the camera called `name`; `isAlone` if the sender has no other. */
  constructor(console: Console, name: string, isAlone: boolean) {
    this.#console = console;
    this.#name = name;
    this.#prefix = isAlone ? "" : `${name}: `;
  }

  /** Callbacks that report what happens to the viewers of a hub. */
  viewerEvents(hub: () => Hub): Pick<HubOptions, "onConnected" | "onLeft" | "onBehind"> {
    return {
      onConnected: (peer) => {
        const { viewers } = hub();
        this.#console.event(
          { event: "viewer", state: "connected", camera: this.#name, peer, viewers },
          `${this.#prefix}${peer} connected (${plural(viewers)})`,
        );
      },
      onLeft: (peer, reason, seconds) => {
        const { viewers } = hub();
        this.#console.event(
          {
            event: "viewer",
            state: "left",
            camera: this.#name,
            peer,
            viewers,
            reason,
            seconds: rounded(seconds),
          },
          `${this.#prefix}${peer} disconnected after ${seconds.toFixed(0)} s: ${reason} (${
            plural(viewers)
          })`,
        );
      },
      onBehind: (peer, frames) => {
        this.#console.warn(
          { event: "viewer", state: "behind", camera: this.#name, peer, lost: frames },
          `${this.#prefix}${peer} is too slow to get every frame: it lost ${frames} more`,
        );
      },
    };
  }

  /** Reports something about the capture that the user may not expect. */
  note(message: string): void {
    this.#console.event(
      { event: "note", camera: this.#name, message },
      `${this.#prefix}${message}`,
    );
  }

  /** Counts a frame that was incomplete or invalid, and was not sent. */
  broken(): void {
    this.#broken++;
  }

  /** Reports what the capture does now, and with `error` why it was lost, and what happens `then`. */
  capture(state: CaptureState, error?: CamcatError, then = "Trying again"): void {
    this.#state = state;
    const event = { event: "capture", state, source: this.#name };
    if (error !== undefined) {
      this.#console.warn({ ...event, reason: error.message }, `${error.message}. ${then}`);
      return;
    }
    const texts: Partial<Record<CaptureState, string>> = {
      live: `${this.#name} is live`,
      idle: `${this.#name} is off until someone watches`,
      ended: `${this.#name} has ended`,
    };
    this.#console.event(event, texts[state]);
  }

  /** Reports what another sender, whose pictures are passed on, says of its stream, if that is news. */
  source({ live, reason }: Pick<Stream, "live" | "reason">): void {
    const state = live ? "live" : "not live";
    if (state === this.#state && reason === this.#reason) return;
    this.#reason = reason;
    if (live) return this.capture("live");
    this.#state = state;
    this.#console.warn(
      { event: "capture", state, source: this.#name, reason },
      `${this.#name} is not live. ${reason}`,
    );
  }

  /** Makes a function that gives the figures of a hub since its last call. */
  status(hub: Hub): () => Status {
    const frameRate = new Rate(now());
    const byteRate = new Rate(now());
    return () => {
      const time = now();
      const { totals, latencyMs, viewers } = hub;
      const fps = frameRate.next(totals.frames, time);
      const megabits = byteRate.next(totals.sentBytes, time) * 8 / 1e6;
      const [p50, p99] = [latencyMs.at(0.5), latencyMs.at(0.99)];
      const { frames, droppedFrames: dropped } = totals;
      const sound = soundStatus(hub.sound);
      return {
        text:
          `${this.#prefix}${this.#state === "live" ? "" : `[${this.#state}] `}${
            fps.toFixed(1)
          } fps  ` +
          `${megabits.toFixed(1)} Mbit/s  ${plural(viewers)}  ` +
          `latency p50 ${formatMs(p50)} p99 ${formatMs(p99)}  ${dropped} dropped` +
          (this.#broken > 0 ? `  ${this.#broken} broken` : "") + (sound?.text ?? ""),
        json: {
          camera: this.#name,
          state: this.#state,
          fps: rounded(fps),
          mbit_per_s: rounded(megabits),
          viewers,
          frames,
          dropped,
          broken: this.#broken,
          latency_p50_ms: rounded(p50),
          latency_p99_ms: rounded(p99),
          ...sound?.json,
        },
      };
    };
  }
}

function plural(viewers: number): string {
  return viewers === 1 ? "1 viewer" : `${viewers} viewers`;
}
