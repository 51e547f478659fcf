/**
 * `receiver --find`: the cameras on the network, with what this machine knows of them.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { print } from "../program/stdio.ts";
import { camerasOf } from "../receive/remote_cameras.ts";
import { foundJson, foundTable, type KnownCamera } from "../report/found_report.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import { Acquaintances } from "./acquaintances.ts";
import { CHECK, type FindContext } from "./find_sender.ts";

/** How long a sender may take to say which of its cameras are live. */
const STATE_MS = 2000;
/** Most senders that are asked. */
const MAX_ASKED = 32;

/**
 * Prints the cameras that are found in 2 s.
 *
 * @returns the exit status, 0
 * @throws {CamcatError} if there are none
 */
export async function listFound({ options, console, signal }: FindContext): Promise<number> {
  const known = await Acquaintances.of(options);
  const { findCameras } = await import("../discovery/browse.ts");
  const onError = (reason: string) => console.detail(reason);
  const cameras = known.recognise(await findCameras({ signal, onError }));
  if (cameras.length === 0) throw new CamcatError(`Cannot find a sender. ${CHECK}`);
  await Promise.all(cameras.slice(0, MAX_ASKED).map((camera) => askState(camera, signal)));
  const lines = options.json
    ? cameras.map((camera) => JSON.stringify({ event: "found", ...foundJson(camera) }))
    : foundTable(cameras);
  print(lines.join("\n"));
  return 0;
}

/** Asks the sender of a camera whether it is live, if its key is known or not needed. */
async function askState(camera: KnownCamera, signal: AbortSignal): Promise<void> {
  const { addresses: [address], credential, needsKey } = camera;
  if (needsKey && credential === undefined) return;
  const handshake = credential && handshakeAsViewer(await identityOf(credential.key));
  const stop = new AbortController();
  const asking = camerasOf(address, { signal: AbortSignal.any([signal, stop.signal]), handshake });
  const answer = await within(asking.catch(() => undefined), STATE_MS);
  stop.abort();
  const index = camera.camera === undefined ? 0 : answer?.cameras.indexOf(camera.camera) ?? -1;
  camera.live = answer?.live?.[index];
}
