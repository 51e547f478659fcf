/**
 * The pictures and the sound of recordings, with their times.
 *
 * @module
 */

import type { Bytes } from "../jpeg/frame.ts";
import { opusDurationMs } from "../sound/opus.ts";
import { readClusters, readHead, readWholeCluster } from "./matroska_reader.ts";
import type { Span } from "./span.ts";

/** Clusters whose places are read at once. */
const CLUSTERS = 64;

/** A picture, or a packet of sound. */
export type Block =
  & {
    /** When it was captured, in milliseconds since the Unix epoch. */
    timeMs: number;
    /** A JPEG, or a packet of Opus. */
    data: Bytes;
  }
  & ({ type: "picture" } | { type: "sound"; durationMs: number });

/** Reads what files hold of a span, one after another; a file that cannot be read is left out. */
export async function* blocksOf(
  paths: readonly string[],
  { fromMs, toMs }: Span,
): AsyncGenerator<Block, void, void> {
  for (const path of paths) {
    using file = await Deno.open(path).catch(() => undefined);
    const head = file && await readHead(file);
    if (file === undefined || head === undefined) continue;
    let at = head.clustersAt;
    for (let hasMore = true; hasMore;) {
      const { clusters, end } = await readClusters(file, at, CLUSTERS);
      for (const [index, cluster] of clusters.entries()) {
        const timeMs = head.startMs + cluster.ms;
        // Blocks are within a second or so of the time of their cluster.
        if (timeMs >= toMs + 5000) break;
        if (timeMs < fromMs - 5000) continue;
        const length = (clusters[index + 1]?.at ?? end) - cluster.at;
        for (const { isPicture, ms, data } of await readWholeCluster(file, cluster, length)) {
          const timeMs = head.startMs + ms;
          if (timeMs < fromMs || timeMs >= toMs) continue;
          if (isPicture) yield { type: "picture", timeMs, data };
          else yield { type: "sound", timeMs, data, durationMs: opusDurationMs(data) ?? 0 };
        }
      }
      at = end;
      hasMore = clusters.length === CLUSTERS;
    }
  }
}
