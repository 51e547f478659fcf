/**
 * Another sender as a SOURCE: its cameras, passed on.
 *
 * @module
 */

import { CamcatError, KeyError, UsageError } from "../base/errors.ts";
import { withoutSecrets } from "../base/secrets.ts";
import type { Destination } from "../find/destination.ts";
import { findSender } from "../find/find_sender.ts";
import { LoopError } from "../relay/hops.ts";
import { Relay } from "../relay/relay.ts";
import { explainSourceKey } from "../relay/source.ts";
import { MAX_CAMERAS, sourceCameras } from "../relay/source_cameras.ts";
import { supervise } from "../send/supervisor.ts";
import { laterCameras } from "./later_cameras.ts";
import type { CameraContext, MakeCameras, SenderCamera } from "./make_cameras.ts";
import { ALL_CAMERAS } from "../options/common_options.ts";

/** The scheme of a SOURCE that is another sender. */
const SCHEME = /^camcat:(\/\/)?/i;
/** The key of the command line is the relay's own, and not that of its source. */
const NO_KEY_OPTIONS = { key: undefined, "key-file": undefined, open: false };

/** Makes a camera of each one relayed. */
export const relayCameras: MakeCameras = async (text, context) => {
  const { options, name: givenName, console, signal } = context;
  const source = await findSource(text, context);
  if (options["same-key"] && source.credential === undefined) {
    throw new UsageError(`Cannot use --same-key: there is no key for ${source.text}`);
  }
  const camera = options.camera ?? source.camera;
  const isAll = camera === ALL_CAMERAS;
  if (isAll && givenName !== undefined) {
    throw new UsageError("Cannot use --name with all cameras of a sender: they keep their names");
  }
  const cameras = await sourceCameras(source, {
    camera: isAll ? undefined : camera,
    signal,
    onFailure: (reason) =>
      console.warn({ event: "source-failed", source: source.text, reason }, reason),
    mustKnow: isAll || (camera ?? givenName) === undefined,
  });
  if (isAll) {
    const relayed = cameras!.slice(0, MAX_CAMERAS);
    if (relayed.length < cameras!.length) warnLeftOut(source, cameras!.length, context);
    const make = (name: string) =>
      relayCamera(source, { name, camera: name, isAlone: false }, context);
    context.later((signal) => {
      const list = (signal: AbortSignal) =>
        sourceCameras(source, { signal, onFailure: () => {}, mustKnow: false });
      return laterCameras({ names: relayed, most: MAX_CAMERAS, list, make, signal });
    });
    return relayed.map(make);
  }
  if (camera !== undefined && cameras?.includes(camera) === false) {
    const there = cameras.slice(0, MAX_CAMERAS).map((name) => `"${name}"`).join(", ");
    throw new CamcatError(`Cannot relay the camera "${camera}" of ${source.text}: it has ${there}`);
  }
  const name = givenName ?? camera ?? cameras![0];
  return [relayCamera(source, { name, camera, isAlone: true }, context)];
};

/** The sender that SOURCE means: by its address, or by a name on this network. */
async function findSource(
  text: string,
  { options: { json }, console, signal }: CameraContext,
): Promise<Destination> {
  const operand = text.replace(SCHEME, "");
  if (operand === "") {
    throw new UsageError(
      `Cannot use the SOURCE ${text}: it must be camcat://HOST:PORT/KEY or camcat:NAME`,
    );
  }
  return await findSender(operand, { options: { ...NO_KEY_OPTIONS, json }, console, signal });
}

function warnLeftOut({ text }: Destination, count: number, { console }: CameraContext): void {
  console.warn(
    { event: "cameras-left-out", cameras: count, relayed: MAX_CAMERAS },
    `${text} has ${count} cameras. Only the first ${MAX_CAMERAS} are relayed; choose one of the ` +
      "others with --camera",
  );
}

/** Relays one camera of a source, under a name. */
function relayCamera(
  source: Destination,
  { name, camera, isAlone }: { name: string; camera: string | undefined; isAlone: boolean },
  { demand, options, console, hub: makeHub }: CameraContext,
): SenderCamera {
  const { hub, report } = makeHub(withoutSecrets(name), !isAlone);
  const relay = new Relay(hub, {
    ...{ source, camera, maxPixels: options["max-pixels"] },
    onEvent: (event) => {
      source.follow(event, console);
      if (event.type === "lost") report.capture("lost", new CamcatError(event.reason));
      else if (event.type !== "connected") report.source(hub.stream);
    },
  });
  return {
    hub,
    key: source.credential?.key,
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
