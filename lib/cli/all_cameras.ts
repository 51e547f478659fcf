/**
 * Receives all cameras of a sender, each in a session of its own, in one window.
 *
 * @module
 */

import { KeyError } from "../base/errors.ts";
import { Grid } from "../display/grid.ts";
import { Player } from "../display/player.ts";
import type { Console } from "../program/console.ts";
import { askForCameras } from "../receive/remote_cameras.ts";
import { folderNames } from "./folder_names.ts";
import { ReceivingReport } from "../report/receiving_report.ts";
import { explainKey } from "../security/credentials.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import type { Destination } from "../find/destination.ts";
import { checkAllCameras } from "./receiver_checks.ts";
import { DEFAULT_PLAYER, type ReceiverOptions } from "../options/receiver_options.ts";
import type { ReceiverContext } from "./outputs.ts";
import { ReceiverSession } from "./receiver_session.ts";
import { displayOf, ofCamera } from "../options/sinks.ts";

/**
 * Most cameras received at once: each needs a connection and up to three child processes, and the
 * sender names as many cameras as it likes.
 */
const MAX_CAMERAS = 16;

/**
 * Asks a sender for the names of its cameras.
 *
 * @param onFailure called with the reason before a further attempt; without it there is one attempt
 * @throws {CamcatError} if the sender cannot be asked
 */
export async function camerasOfSender(
  sender: Destination,
  signal: AbortSignal,
  onFailure?: (reason: string) => void,
): Promise<string[]> {
  const { address, credential, orOpen } = sender;
  const handshake = credential && handshakeAsViewer(await identityOf(credential.key));
  const elsewhere = sender.elsewhere(() => undefined);
  try {
    return await askForCameras(address, { signal, handshake, orOpen, elsewhere, onFailure });
  } catch (error) {
    throw error instanceof KeyError ? explainKey(error, address, credential) : error;
  }
}

/**
 * Receives every camera that a sender has now, up to 16, until one session fails or all have ended.
 *
 * @throws {UsageError} if the options cannot be used with all cameras
 * @throws {CamcatError} if a session fails
 */
export async function receiveAllCameras(
  options: ReceiverOptions,
  sender: Destination,
  console: Console,
  stopped: AbortSignal,
  shared: Pick<ReceiverContext, "trigger" | "recordings"> = {},
): Promise<void> {
  checkAllCameras(options);
  const player = displayOf(options) === "window" ? options.player ?? DEFAULT_PLAYER : undefined;
  if (player !== undefined) Player.check(player);
  const from = sender.text;
  const report = new ReceivingReport(console);
  report.connecting(from);
  const onFailure = (reason: string) => report.connection({ type: "lost", reason });
  const all = await camerasOfSender(sender, stopped, options.once ? undefined : onFailure)
    .catch((error) => {
      if (stopped.aborted) return [];
      throw error;
    });
  const cameras = all.slice(0, MAX_CAMERAS);
  if (all.length > MAX_CAMERAS) {
    console.warn(
      { event: "cameras-left-out", cameras: all.length, received: MAX_CAMERAS },
      `The sender has ${all.length} cameras. Only the first ${MAX_CAMERAS} are received; ` +
        "choose one of the others with --camera",
    );
  }
  const folders = folderNames(cameras);

  const stop = new AbortController();
  const signal = AbortSignal.any([stopped, stop.signal]);
  const onLine = (line: string) => console.detail(line);
  await using grid = player === undefined || cameras.length === 1
    ? undefined // a single camera has a window without a grid
    : new Grid(player, from, cameras, { signal, onLine, maxPixels: options["max-pixels"] });
  const sessions = cameras.map((camera, index) =>
    new ReceiverSession({
      options: ofCamera(options, camera, folders[index]),
      sender,
      console,
      report: new ReceivingReport(console, camera),
      signal,
      ...shared,
      display: grid?.tiles[index],
    })
  );
  console.showStatus(() => sessions.map((session) => session.status()));
  const ends = await Promise.allSettled(sessions.map(async (session) => {
    try {
      await session.run();
    } catch (error) {
      stop.abort(); // the failure of one ends all
      throw error;
    }
  }));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
