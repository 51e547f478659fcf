/**
 * What the maker of a SOURCE's cameras gets and gives.
 *
 * @module
 */

import type { Console, Status } from "../program/console.ts";
import type { Key } from "../security/key.ts";
import type { CaptureReport } from "../report/capture_report.ts";
import type { Hub } from "../send/hub.ts";
import type { SuperviseOptions } from "../send/supervisor.ts";
import type { SenderOptions } from "../options/sender_options.ts";

/** A camera to send, wherever its frames come from: a capture, or another sender. */
export interface SenderCamera {
  /** Where its viewers are. */
  hub: Hub;
  /** The key of the sender that it comes from, if it comes from one that has a key. */
  key?: Key | undefined;
  /** Figures of the last second. */
  status: () => Status;
  /** Publishes frames to the hub until the source ends, or `signal` is aborted. */
  supply: (signal: AbortSignal) => Promise<void>;
}

/** Makes the cameras that a SOURCE stands for, one or more, each with a hub of its own. */
export type MakeCameras = (source: string, context: CameraContext) => Promise<SenderCamera[]>;

/** Makes the cameras that a SOURCE begins to have later. */
export type LaterCameras = (signal: AbortSignal) => AsyncIterable<SenderCamera>;

/** What the maker of cameras may use. */
export interface CameraContext {
  /** The command line. */
  options: SenderOptions;
  /** What `--name` calls this SOURCE; undefined without it. */
  name: string | undefined;
  /** Where events are shown. */
  console: Console;
  /** When the cameras may be open, as `--on-demand` and `--linger` say. */
  demand: Pick<SuperviseOptions, "onDemand" | "lingerMs">;
  /** Aborts the making, not the cameras. */
  signal: AbortSignal;
  /** Takes what makes the cameras that come later, until its signal is aborted. */
  later: (cameras: LaterCameras) => void;
  /**
   * Makes the hub of a camera, as the options say, and its report.
   *
   * @param isOneOfSeveral whether this SOURCE stands for others too
   */
  hub: (name: string, isOneOfSeveral?: boolean) => { hub: Hub; report: CaptureReport };
}
