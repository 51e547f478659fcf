/**
 * Who is compared on slow links.
 *
 * @module
 */

import type { Bench, Note } from "./figures.ts";
import {
  available,
  camcat,
  ffmpegTcp,
  gstreamer,
  lengths,
  openCvJpeg,
  type Peer,
  zmqPublished,
  zmqRequests,
} from "./peers.ts";

/** A program that serves, and how its viewer is started. */
export interface Watcher {
  /** The program. */
  peer: Peer;
  /** What camcat's viewer prefers; nothing where there is nothing to prefer. */
  prefer: string[];
  /** Whether it is what the targets are for. */
  isCamcat: boolean;
}

/** camcat as users have it, camcat that does not adapt, older programs, and those of others. */
export function watchers({ dist, distBefore }: Bench): { here: Watcher[]; notes: Note[] } {
  const ours = camcat(dist);
  const others = [lengths, openCvJpeg, zmqRequests, zmqPublished, ffmpegTcp, gstreamer];
  const { here, notes } = available(others);
  const other = (peer: Peer): Watcher => ({ peer, prefer: [], isCamcat: false });
  return {
    here: [
      { peer: ours, prefer: ["balanced"], isCamcat: true },
      { peer: { ...ours, name: "camcat, --prefer sharp" }, prefer: ["sharp"], isCamcat: false },
      ...(distBefore ? [other({ ...camcat(distBefore), name: "camcat before" })] : []),
      ...here.map(other),
    ],
    notes,
  };
}
