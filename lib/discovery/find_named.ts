/**
 * Finding the cameras that a name means.
 *
 * @module
 */

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
