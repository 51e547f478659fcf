/**
 * Finding the one camera that a name means.
 *
 * @module
 */

import { CamcatError, UsageError } from "../base/errors.ts";
import { findCameras, type FindOptions } from "./browse.ts";
import type { FoundCamera } from "./found_cameras.ts";
import { camerasNamed, isWholeName } from "./names.ts";

/** By when a sender has answered over IPv4 and IPv6 (RFC 6762 section 6: after 120 ms at most). */
const ANSWERED_MS = 150;
/** By when all with the same part in their name have. */
const ALL_ANSWERED_MS = 300;

/** Looks for the cameras that `name`, or a part of it, means. */
export async function findNamed(name: string, options: FindOptions = {}): Promise<FoundCamera[]> {
  const cameras = await findCameras({
    ...options,
    enoughAfterMs: (cameras) => {
      const [first] = camerasNamed(name, cameras);
      return first && (isWholeName(name, first) ? ANSWERED_MS : ALL_ANSWERED_MS);
    },
  });
  return camerasNamed(name, cameras);
}

/**
 * Finds the camera called `name`, in any case, or the only one with `name` in its name. It looks
 * for at most 2 s.
 *
 * @throws {CamcatError} if there is none on this network
 * @throws {UsageError} if there are several
 */
export async function resolve(name: string, options: FindOptions = {}): Promise<FoundCamera> {
  const cameras = await findNamed(name, options);
  if (cameras.length === 1) return cameras[0];
  if (cameras.length === 0) {
    throw new CamcatError(
      `Cannot find a camera called "${name}": its sender must run on this network, where mDNS ` +
        "(UDP port 5353) must not be blocked. Or use its address",
    );
  }
  const names = cameras.map(({ name }) => `"${name}"`).join(", ");
  throw new UsageError(`Cannot tell which camera "${name}" means: there are ${names}`);
}
