/**
 * The outgoing picture, shown where the camera is.
 *
 * @module
 */

import { undelayed } from "./connection.ts";
import type { Hub } from "./hub.ts";
import { Player } from "./player.ts";
import { JPEG_PARTS, partOf } from "./player_input.ts";
import { receiveFrom } from "./receive.ts";

/**
 * Shows what `hub` sends in a window, as one more viewer of it, until the user
 * closes the window or `signal` is aborted.
 *
 * @throws {CamcatError} if no window can be opened
 */
export async function preview(
  hub: Hub,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const closed = new AbortController();
  await using player = Player.open("ffplay", JPEG_PARTS, `${name} - preview`, { signal });
  const ended = player.ended.then((error) => {
    closed.abort();
    return error;
  });
  const [here, there] = await connectToSelf();
  const served = hub.serve(there, "preview");
  const either = AbortSignal.any([signal, closed.signal]);
  for await (const { frame } of receiveFrom(here, { signal: either })) {
    await player.show(partOf(frame));
  }
  await served;
  const error = closed.signal.aborted ? await ended : undefined;
  if (error !== undefined) throw error;
}

/** Two ends of one connection. */
async function connectToSelf(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const here = await Deno.connect({
    hostname: "127.0.0.1",
    port: listener.addr.port,
  });
  for (;;) {
    const there = await listener.accept();
    // Another program could have been quicker to connect.
    if (there.remoteAddr.port === here.localAddr.port) {
      return [undelayed(here), undelayed(there)];
    }
    there.close();
  }
}
