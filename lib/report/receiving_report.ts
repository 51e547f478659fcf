/**
 * Reports on one camera of the receiver: its connection, motion and figures.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import type { WebcamMode } from "../display/webcam_mode.ts";
import type { Console, Status } from "../program/console.ts";
import { formatAddress } from "../protocol/address.ts";
import { connectInstructions } from "./connect_instructions.ts";
import type { Key } from "../security/key.ts";
import { reachableAddresses } from "../security/listen.ts";
import type { MotionEvent } from "../receive/motion_sensor.ts";
import { formatDuration, formatMs, rounded } from "../base/quantity.ts";
import type { ReceivedFrame, ReceiveEvent } from "../receive/receive.ts";
import type { SpeakerEvent } from "../playback/speaker.ts";
import { Quantiles, Rate } from "../base/stats.ts";

/** Reports the connection, motion and figures of a camera on a {@linkcode Console}. */
export class ReceivingReport {
  #console: Console;
  /** Names the camera in events; empty if there is only one camera. */
  #camera: { camera?: string };
  /** Where the sender was last, if the receiver connects to it. */
  #address: string | undefined;
  #state: "connecting" | "live" | "not live" | "lost" = "connecting";
  /** Whether the sender does not answer: the last picture is not live then. */
  #isSilent = false;
  #isEncrypted = false;
  #isMoving = false;
  #frames = 0;
  #bytes = 0;
  #dropped = 0;
  #latencyMs = new Quantiles();
  #frameRate = new Rate(now());
  #byteRate = new Rate(now());

  /** Reports on one stream, over any number of connections; `camera` names it if there are several. */
  constructor(console: Console, camera?: string) {
    this.#console = console;
    this.#camera = camera === undefined ? {} : { camera };
  }

  /** Reports where the receiver connects to. */
  connecting(to: string): void {
    this.#address = to;
    this.#console.event({ event: "connecting", to }, `Connecting to ${to}`);
  }

  /** Reports where a sender can connect, and how. */
  listening(listener: Deno.TcpListener, key: Key | undefined): void {
    const addresses = reachableAddresses(listener.addr);
    const open = key === undefined;
    const header = "Waiting for a sender" +
      (open
        ? ", OPEN: anyone who can reach this machine can send. On the camera's machine run:"
        : ". On the camera's machine run:");
    const { isTerminal: isPrivate } = this.#console;
    const lines = connectInstructions("sender --push", { addresses, key, isPrivate });
    const { port } = listener.addr;
    this.#console.event({ event: "listening", port, addresses, open }, header, lines);
  }

  /** Reports what happened to the connection. */
  connection(event: ReceiveEvent): void {
    const { type: state, ...rest } = event;
    const json = { event: "connection", state, ...this.#camera, ...rest };
    switch (event.type) {
      case "connected": {
        this.#isEncrypted = event.encrypted;
        const address = event.address && formatAddress(event.address);
        const isMoved = address !== undefined && this.#address !== undefined &&
          address !== this.#address;
        const text = isMoved ? `Found the sender at ${address}` : undefined;
        this.#console.event({ ...json, address }, text);
        this.#address = address;
        break;
      }
      case "stream":
        this.#state = event.live ? "live" : "not live";
        if (event.live) {
          const how = this.#isEncrypted ? "" : ", not encrypted";
          const sound = event.sound === undefined ? "" : " and its sound";
          this.#console.event(json, `Receiving ${event.name}${sound}${how}`);
        } else this.#console.warn(json, `${event.name} is not live. ${event.reason}`);
        break;
      case "silent":
        this.#isSilent = true;
        this.#console.warn(json, `${event.reason}. The last picture is not live any more`);
        break;
      case "heard":
        this.#console.event(json, this.#isSilent ? "The sender answers again" : undefined);
        this.#isSilent = false;
        break;
      case "lost":
        this.#isSilent = false;
        this.#state = "lost";
        this.#console.warn(json, `${event.reason}. Trying again`);
        break;
    }
  }

  /** Reports that motion began or ended. */
  motion(event: MotionEvent): void {
    this.#isMoving = event.type === "began";
    if (event.type === "began") {
      const json = { event: "motion", state: "began", ...this.#camera, by: event.by };
      if (event.by === "sound") {
        const { levelDb } = event;
        this.#console.event({ ...json, db: levelDb }, `Loud sound, ${levelDb} dB`);
      } else if (event.by === "trigger") {
        this.#console.event({ ...json, reason: event.reason }, `Triggered: ${event.reason}`);
      } else {
        const text = `Motion in ${event.score.toFixed(1)} % of the picture`;
        this.#console.event({ ...json, score: rounded(event.score) }, text);
      }
    } else {
      const seconds = rounded(event.durationMs / 1000);
      const text = `Motion ended after ${formatDuration(event.durationMs)}`;
      this.#console.event({ event: "motion", state: "ended", ...this.#camera, seconds }, text);
    }
  }

  /** Reports which webcam other programs see. */
  webcam(device: string, name: string, { width, height, fps }: WebcamMode): void {
    this.#console.event(
      { event: "webcam", device, name, width, height, fps },
      `Other programs see the webcam ${name} (${device}), ${width}x${height} at ${fps} fps`,
    );
  }

  /** Reports that sound is heard, or cannot be played. */
  sound(event: SpeakerEvent): void {
    const { type: state, ...rest } = event;
    const json = { event: "sound", state, ...this.#camera, ...rest };
    if (event.type === "playing") this.#console.event(json, "Playing the sound");
    else this.#console.warn(json, `Cannot play the sound: ${event.reason}. The picture goes on`);
  }

  /** Reports that `--loud` waits for sound that the camera does not send. */
  deaf(): void {
    const json = { event: "sound", state: "none", ...this.#camera };
    this.#console.warn(json, "Cannot listen for loud sound: the camera sends no sound");
  }

  /** Counts a frame that was received and has gone to the outputs. */
  frame({ frame, capturedAt, dropped }: ReceivedFrame): void {
    if (this.#state === "connecting" || this.#state === "lost") this.#state = "live"; // a raw sender
    this.#frames++;
    this.#bytes += frame.jpeg.length;
    this.#dropped += dropped;
    if (capturedAt !== undefined) this.#latencyMs.add(now() - capturedAt);
  }

  /** Figures of the last second. */
  status(): Status {
    const time = now();
    const fps = this.#frameRate.next(this.#frames, time);
    const megabits = this.#byteRate.next(this.#bytes, time) * 8 / 1e6;
    const [p50, p99] = [this.#latencyMs.at(0.5), this.#latencyMs.at(0.99)];
    const { camera } = this.#camera;
    const state = this.#isSilent && this.#state === "live" ? "not live" : this.#state;
    return {
      text: (camera === undefined ? "" : `${camera}: `) +
        `${state === "live" ? "" : `[${state}] `}` +
        `${this.#isMoving ? "[motion] " : ""}${fps.toFixed(1)} fps  ` +
        `${megabits.toFixed(1)} Mbit/s  ` +
        `latency p50 ${formatMs(p50)} p99 ${formatMs(p99)}  ${this.#dropped} dropped`,
      json: {
        ...this.#camera,
        state,
        motion: this.#isMoving,
        fps: rounded(fps),
        mbit_per_s: rounded(megabits),
        frames: this.#frames,
        dropped: this.#dropped,
        latency_p50_ms: rounded(p50),
        latency_p99_ms: rounded(p99),
      },
    };
  }
}
