/**
 * What the sender tells its user.
 *
 * @module
 */

import { formatAddress } from "./address.ts";
import { now } from "./clock.ts";
import { type Console, formatMs, rounded, type Status } from "./console.ts";
import type { CamcatError } from "./errors.ts";
import type { CaptureState } from "./feed.ts";
import type { Hub, HubOptions } from "./hub.ts";
import { invitation } from "./invitation.ts";
import type { Key } from "./key.ts";
import { reachableAddresses } from "./serve.ts";
import { Rate } from "./stats.ts";

/** Tells of viewers, capture and figures on a {@linkcode Console}. */
export class SendingReport {
  #console: Console;
  #name: string;
  #state: CaptureState = "idle";

  /** Reports on the stream called `name`. */
  constructor(console: Console, name: string) {
    this.#console = console;
    this.#name = name;
  }

  /** What a hub reports by itself. */
  viewerEvents(hub: () => Hub): Pick<HubOptions, "onConnected" | "onLeft"> {
    return {
      onConnected: (peer) => {
        const { viewers } = hub();
        this.#console.event(
          { event: "viewer", state: "connected", peer, viewers },
          `${peer} connected (${plural(viewers)})`,
        );
      },
      onLeft: (peer, reason, seconds) => {
        const { viewers } = hub();
        this.#console.event(
          { event: "viewer", state: "left", peer, viewers, reason, seconds: rounded(seconds) },
          `${peer} left after ${seconds.toFixed(0)} s: ${reason} (${plural(viewers)})`,
        );
      },
    };
  }

  /** The addresses to give to others. */
  listening(listener: Deno.TcpListener, key: Key | undefined): void {
    const addresses = reachableAddresses(listener);
    const open = key === undefined;
    const lines = [
      `Sending ${this.#name}` +
      (open
        ? ", OPEN: anyone who can reach this machine can watch. Elsewhere run:"
        : ", to nobody but who has the key. Elsewhere run:"),
      ...invitation("receiver", { addresses, key, isPrivate: this.#console.isTerminal }),
    ];
    const { port } = listener.addr;
    this.#console.event({ event: "listening", port, addresses, open }, lines.join("\n"));
  }

  /** Where the picture is pushed. */
  pushing(address: Parameters<typeof formatAddress>[0]): void {
    const to = formatAddress(address);
    this.#console.event({ event: "pushing", to }, `Pushing ${this.#name} to ${to}`);
  }

  /** An attempt to connect has failed. */
  pushFailed(reason: string): void {
    this.#console.warn({ event: "push-failed", reason }, `${reason}. Trying again`);
  }

  /** Something of the capture that the user might not expect. */
  note(message: string): void {
    this.#console.event({ event: "note", message }, message);
  }

  /** What the capture does now. */
  capture(state: CaptureState, error?: CamcatError): void {
    this.#state = state;
    const event = { event: "capture", state, source: this.#name };
    if (error !== undefined) {
      this.#console.warn({ ...event, reason: error.message }, `${error.message}. Trying again`);
      return;
    }
    const texts: Partial<Record<CaptureState, string>> = {
      live: `${this.#name} is live`,
      idle: `${this.#name} is off until somebody watches`,
      ended: `${this.#name} has ended`,
    };
    this.#console.event(event, texts[state]);
  }

  /** Figures of a hub, each time of the last second. */
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
      return {
        text: `${this.#state === "live" ? "" : `[${this.#state}] `}${fps.toFixed(1)} fps  ` +
          `${megabits.toFixed(1)} Mbit/s  ${plural(viewers)}  ` +
          `latency p50 ${formatMs(p50)} p99 ${formatMs(p99)}  ${dropped} dropped`,
        json: {
          state: this.#state,
          fps: rounded(fps),
          mbit_per_s: rounded(megabits),
          viewers,
          frames,
          dropped,
          latency_p50_ms: rounded(p50),
          latency_p99_ms: rounded(p99),
        },
      };
    };
  }
}

function plural(viewers: number): string {
  return viewers === 1 ? "1 viewer" : `${viewers} viewers`;
}
