/**
 * Which cameras of a source are relayed.
 *
 * @module
 */

import { CamcatError, KeyError } from "../base/errors.ts";
import { formatAddress } from "../protocol/address.ts";
import { askForCameras } from "../receive/remote_cameras.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import { explainSourceKey, onOtherMachines, type RelaySource } from "./source.ts";

/** Most cameras relayed at once: each takes a connection, and the source names as many as it likes. */
export const MAX_CAMERAS = 16;

/** How to ask. */
export interface SourceCamerasOptions {
  /** The camera that will be relayed, if it is known. */
  camera?: string | undefined;
  /** Ends the attempts. */
  signal: AbortSignal;
  /** Called with the reason when the source cannot be asked. */
  onFailure: (reason: string) => void;
  /** Whether to ask until there is an answer, because nothing can be done without. */
  mustKnow: boolean;
}

/**
 * Asks a source for the names of its cameras, each once.
 *
 * @returns undefined if it cannot be asked now, and need not be
 * @throws {CamcatError} if the key does not match, or it has no camera
 */
export async function sourceCameras(
  source: RelaySource,
  { camera, signal, onFailure, mustKnow }: SourceCamerasOptions,
): Promise<string[] | undefined> {
  const { address, credential, orOpen } = source;
  const handshake = credential && handshakeAsViewer(await identityOf(credential.key));
  try {
    const cameras = await askForCameras(address, {
      ...{ signal, handshake, orOpen },
      elsewhere: onOtherMachines(source.elsewhere(() => camera)),
      onFailure: mustKnow ? onFailure : undefined,
    });
    if (cameras.length > 0) return [...new Set(cameras)];
    throw new CamcatError(`Cannot relay ${formatAddress(address)}: it has no camera`);
  } catch (error) {
    if (error instanceof KeyError) throw explainSourceKey(error, source);
    if (mustKnow || signal.aborted || !(error instanceof CamcatError)) throw error;
    onFailure(error.message);
    return undefined;
  }
}
