/**
 * Another sender as a SOURCE: its cameras, passed on.
 *
 * @module
 */

import { CamcatError, KeyError, UsageError } from "../base/errors.ts";
import { withoutSecrets } from "../base/secrets.ts";
import { LoopError } from "../relay/hops.ts";
import { Relay } from "../relay/relay.ts";
import { explainSourceKey, findRelaySource, type RelaySource } from "../relay/source.ts";
import { MAX_CAMERAS, sourceCameras } from "../relay/source_cameras.ts";
import { rememberKey } from "../report/key_report.ts";
import { supervise } from "../send/supervisor.ts";
import type { CameraContext, MakeCameras } from "./make_cameras.ts";
import { ALL_CAMERAS } from "../options/receiver_options.ts";
import type { SenderCamera } from "./sender_session.ts";

/** Makes a camera of each one relayed. */
export const relayCameras: MakeCameras = async (text, context) => {
  const { options, console, signal } = context;
  const onFailure = (reason: string) =>
    console.warn({ event: "source-failed", source: withoutSecrets(text), reason }, reason);
  const source = await findRelaySource(text, signal, onFailure);
  if (options["same-key"] && source.credential === undefined) {
    throw new UsageError(`Cannot use --same-key: there is no key for ${source.from}`);
  }
  const camera = options.camera ?? source.camera;
  const isAll = camera === ALL_CAMERAS;
  if (isAll && context.name !== undefined) {
    throw new UsageError("Cannot use --name with all cameras of a sender: they keep their names");
  }
  const mustKnow = isAll || (camera ?? context.name) === undefined;
  const cameras = await sourceCameras(source, { signal, onFailure, mustKnow });
  if (cameras !== undefined && source.credential !== undefined) {
    rememberKey(console, source.address, source.credential);
  }
  if (isAll) {
    const relayed = cameras!.slice(0, MAX_CAMERAS);
    if (relayed.length < cameras!.length) warnLeftOut(source, cameras!.length, context);
    return relayed.map((name) =>
      relayCamera(source, { name, camera: name, isAlone: relayed.length === 1 }, context)
    );
  }
  if (camera !== undefined && cameras?.includes(camera) === false) {
    const there = cameras.slice(0, MAX_CAMERAS).map((name) => `"${name}"`).join(", ");
    throw new CamcatError(`Cannot relay the camera "${camera}" of ${source.from}: it has ${there}`);
  }
  const name = context.name ?? camera ?? cameras![0];
  return [relayCamera(source, { name, camera, isAlone: true }, context)];
};

function warnLeftOut({ from }: RelaySource, count: number, { console }: CameraContext): void {
  console.warn(
    { event: "cameras-left-out", cameras: count, relayed: MAX_CAMERAS },
    `${from} has ${count} cameras. Only the first ${MAX_CAMERAS} are relayed; choose one of the ` +
      "others with --camera",
  );
}

/** Relays one camera of a source, under a name. */
function relayCamera(
  source: RelaySource,
  { name, camera, isAlone }: { name: string; camera: string | undefined; isAlone: boolean },
  { demand, options, hub: makeHub }: CameraContext,
): SenderCamera {
  const { from, credential, locate } = source;
  const { hub, report } = makeHub(withoutSecrets(name), !isAlone);
  const relay = new Relay(hub, {
    ...{ from, locate, camera, key: credential?.key, maxPixels: options["max-pixels"] },
    orOpen: credential?.from === "own",
    onEvent: ({ type }) => {
      if (type !== "connected") report.source(hub.stream);
    },
  });
  return {
    hub,
    key: credential?.key,
    status: report.status(hub),
    async supply(signal) {
      try {
        await supervise(hub, {
          signal,
          ...demand,
          open: (signal) => relay.frames(signal),
          publish: (frame) => hub.pass(frame),
          isHopeless: (error) => error instanceof KeyError || error instanceof LoopError,
          onState: (state, error) => {
            if (state !== "live") report.capture(state, error); // the source says whether it is
          },
        });
      } catch (error) {
        throw error instanceof KeyError ? explainSourceKey(error, source) : error;
      }
    },
  };
}
