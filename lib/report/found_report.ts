/**
 * Prints the cameras that were found on the network, for people and for machines.
 *
 * @module
 */

import type { FoundCamera } from "../discovery/found_cameras.ts";
import { formatAddress } from "../protocol/address.ts";
import type { Credential } from "../security/credentials.ts";
import { columns } from "./columns.ts";

/** A camera that was found, with what this machine knows of it. */
export interface KnownCamera extends FoundCamera {
  /** The key of its sender, if it is known. */
  credential: Credential | undefined;
  /** Whether it is live, by its sender; undefined if that was not asked, or gave no answer. */
  live?: boolean | undefined;
}

/** Whether there is a key for a camera: in a word for people, and for machines. */
function keyOf({ credential, needsKey }: KnownCamera): { text: string; json: string } {
  if (credential?.from === "own") return { text: "yours", json: "own" };
  if (credential !== undefined) return { text: "known", json: "known" };
  return needsKey ? { text: "unknown", json: "unknown" } : { text: "not needed", json: "none" };
}

/** What machines get to know of a camera. */
export function foundJson(camera: KnownCamera): Record<string, unknown> {
  const [address, ...others] = camera.addresses.map(formatAddress);
  const { name, id, httpPort, live } = camera;
  const { json: key } = keyOf(camera);
  return { name, camera: camera.camera, address, others, key, id, http: httpPort, live };
}

/** A table of cameras. */
export function foundTable(cameras: readonly KnownCamera[]): string[] {
  const hasStates = cameras.some(({ live }) => live !== undefined);
  const rows = cameras.map((camera) => [
    camera.name,
    formatAddress(camera.addresses[0]),
    keyOf(camera).text,
    ...(hasStates ? [camera.live === undefined ? "-" : camera.live ? "yes" : "no"] : []),
  ]);
  return columns([["NAME", "ADDRESS", "KEY", ...(hasStates ? ["LIVE"] : [])], ...rows]);
}
