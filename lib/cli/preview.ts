/**
 * Shows the outgoing picture on the sender's own machine.
 *
 * @module
 */

import { loopbackPair } from "../protocol/loopback.ts";
import type { Hub } from "../send/hub.ts";
import { Player } from "../display/player.ts";
import { jpegParts } from "../display/player_input.ts";
import { partOf } from "../jpeg/mpjpeg.ts";
import { receiveFrom } from "../receive/receive.ts";

/**
 * Shows what a hub sends in a window, as one more viewer, until the user closes the window or
 * `signal` is aborted.
 *
 * @throws {CamcatError} if no window can be opened
 */
export async function preview(
  hub: Hub,
  name: string,
  signal: AbortSignal,
  maxPixels?: number | undefined,
): Promise<void> {
  const closed = new AbortController();
  await using player = Player.open("ffplay", jpegParts(maxPixels), `${name} - preview`, { signal });
  const ended = player.ended.then((error) => {
    closed.abort();
    return error;
  });
  const [here, there] = await loopbackPair();
  const served = hub.serve(there, "preview");
  const either = AbortSignal.any([signal, closed.signal]);
  for await (const { frame } of receiveFrom(here, { signal: either, maxPixels })) {
    await player.show(partOf(frame));
  }
  await served;
  const error = closed.signal.aborted ? await ended : undefined;
  if (error !== undefined) throw error;
}
