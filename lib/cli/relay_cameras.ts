/**
 * Another sender as a SOURCE: its cameras, passed on.
 *
 * @module
 */

import { CamcatError, KeyError, UsageError } from "../base/errors.ts";
import { formatAddress } from "../protocol/address.ts";
import { receive } from "../receive/receive.ts";
import { askForCameras } from "../receive/remote_cameras.ts";
import { rememberKey } from "../report/key_report.ts";
import { type Credential, explainKey, keyToConnectWith } from "../security/credentials.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import { parsePeer, type Peer } from "../security/peer.ts";
import { supervise } from "../send/supervisor.ts";
import type { CameraContext, MakeCameras } from "./make_cameras.ts";
import { ALL_CAMERAS } from "./receiver_options.ts";
import type { SenderCamera } from "./sender_session.ts";

/** Most cameras relayed at once: each takes a connection, and the source names as many as it likes. */
const MAX_CAMERAS = 16;

/** The keys of a relay's options are its own, and not those of its source. */
const NO_KEY_OPTIONS = { key: undefined, "key-file": undefined, open: false };

/** The sender that is relayed, and the key for it. */
interface RelaySource {
  peer: Peer;
  credential: Credential | undefined;
}

/** Makes a camera of each one relayed. */
export const relayCameras: MakeCameras = async (text, context) => {
  const peer = parsePeer(text.replace(/^camcat:(\/\/)?/i, ""));
  const credential = keyToConnectWith(peer.address, peer.key, NO_KEY_OPTIONS);
  const source = { peer, credential };
  const camera = context.options.camera ?? peer.camera;
  if (camera === ALL_CAMERAS) {
    if (context.name !== undefined) {
      throw new UsageError("Cannot use --name with all cameras of a sender: they keep their names");
    }
    const cameras = await camerasOf(source, context);
    return cameras.map((name) => relayCamera(source, name, name, context, cameras.length > 1));
  }
  const name = context.name ?? camera ?? (await camerasOf(source, context))[0];
  return [relayCamera(source, name, camera, context)];
};

/** The names of the source's cameras, each once; waits for a source that is not there yet. */
async function camerasOf(
  { peer: { address }, credential }: RelaySource,
  { console, signal }: CameraContext,
): Promise<string[]> {
  const from = formatAddress(address);
  const handshake = credential && handshakeAsViewer(await identityOf(credential.key));
  const options = {
    signal,
    handshake,
    orOpen: credential?.from === "own",
    onFailure: (reason: string) =>
      console.warn({ event: "source-failed", from, reason }, `${reason}. Trying again`),
  };
  const all = await askForCameras(address, options).catch((error) => {
    throw error instanceof KeyError ? explainKey(error, address, credential) : error;
  });
  const cameras = [...new Set(all)].slice(0, MAX_CAMERAS);
  if (cameras.length === 0) throw new CamcatError(`Cannot relay ${from}: it has no camera`);
  if (all.length > MAX_CAMERAS) {
    console.warn(
      { event: "cameras-left-out", cameras: all.length, relayed: MAX_CAMERAS },
      `${from} has ${all.length} cameras. Only the first ${MAX_CAMERAS} are relayed; ` +
        "choose one of the others with --camera",
    );
  }
  return cameras;
}

function relayCamera(
  { peer: { address }, credential }: RelaySource,
  name: string,
  camera: string | undefined,
  { console, demand, options, hub: makeHub }: CameraContext,
  isOneOfSeveral = false,
): SenderCamera {
  const { hub, report } = makeHub(name, isOneOfSeveral);
  async function* frames(signal: AbortSignal) {
    const receiving = receive(address, {
      signal,
      camera,
      key: credential?.key,
      orOpen: credential?.from === "own",
      once: true,
      maxPixels: options["max-pixels"],
      onEvent: (event) => {
        if (event.type === "connected" && credential) rememberKey(console, address, credential);
        if (event.type === "stream" && !event.live) hub.lost(event.reason);
      },
    });
    try {
      for await (const { frame, live } of receiving) if (live) yield frame.retain();
    } catch (error) {
      throw error instanceof KeyError ? explainKey(error, address, credential) : error;
    }
  }
  return {
    hub,
    status: report.status(hub),
    supply: (signal) =>
      supervise(hub, {
        signal,
        ...demand,
        open: frames,
        onState: (state, error) => report.capture(state, error),
      }),
  };
}
