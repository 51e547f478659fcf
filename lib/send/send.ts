/**
 * The sender as a library.
 *
 * @module
 */

import type { Address } from "../protocol/address.ts";
import { aborted, wait } from "../base/abort.ts";
import { now } from "../base/clock.ts";
import { Gatekeeper } from "../security/gatekeeper.ts";
import { Frame } from "../jpeg/frame.ts";
import { handshakeAsSender } from "../security/handshake.ts";
import { Hub } from "./hub.ts";
import type { HubOptions } from "./hub_options.ts";
import { identityOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";
import { accept, listen } from "../security/listen.ts";
import { CameraRouter } from "./camera_router.ts";

/** How long disposing waits for the source of pictures and the listener to end. */
const END_MS = 1000;

/** Options of {@linkcode send}. */
export interface SendOptions extends HubOptions {
  /** Where to listen for receivers; port 0 picks a free one. */
  listen: Address;
  /** Only viewers with this key can watch. Without it anybody can, and nothing is encrypted. */
  key?: Key | undefined;
  /** Stops sending, as disposing of the {@linkcode Sending} does. */
  signal?: AbortSignal | undefined;
}

/** A running sender. Disposing of it stops it. */
export interface Sending extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  /** Its viewers and totals. */
  readonly hub: Hub;
  /**
   * Resolves when the pictures end or sending is stopped; rejects with the error of the pictures.
   * Viewers stay connected after the last picture until this is disposed of.
   */
  readonly done: Promise<void>;
}

/**
 * Sends pictures to every receiver that connects.
 *
 * @example
 * ```ts ignore
 * import { Key, send } from "@camcat/camcat";
 *
 * const key = Key.random();
 * await using sender = await send(pictures(), { listen: { hostname: "::", port: 9000 }, key });
 * console.log(`receiver ADDRESS/${key.text}`);
 * await sender.done;
 * ```
 *
 * @param pictures complete JPEGs, each when it should be shown. Bytes are copied; the sender
 * takes over a {@linkcode Frame}
 * @throws {CamcatError} if it cannot listen there
 */
export async function send(
  pictures: AsyncIterable<Uint8Array | Frame>,
  options: SendOptions,
): Promise<Sending> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const { key } = options;
  const gatekeeper = key && new Gatekeeper(handshakeAsSender(await identityOf(key)));
  const listener = listen(options.listen);
  const { hostname, port } = listener.addr;
  const hub = new Hub(options);
  const router = new CameraRouter([hub]);
  const serving = accept(
    listener,
    { signal, gatekeeper },
    (peer, address) => router.serve(peer, address),
  );

  const iterator = pictures[Symbol.asyncIterator]();
  const publishing = (async () => {
    for (;;) {
      const next = await iterator.next();
      if (next.done || signal.aborted) return;
      hub.publish(
        next.value instanceof Frame ? next.value : Frame.from(next.value, { time: now() }),
      );
    }
  })();
  const stopped = aborted(signal).then(async () => {
    // The source may take long to notice, and its result no longer matters.
    Promise.resolve(iterator.return?.()).catch(() => {});
    await hub.close("the sender was stopped");
  });
  const done = Promise.race([publishing, stopped]);
  return {
    address: { hostname, port },
    hub,
    done,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await stopped;
      // A source may need a moment to yield its last picture, and the port is free only when the
      // last accept() has ended.
      const ended = new AbortController();
      Promise.allSettled([publishing, serving]).then(() => ended.abort());
      await wait(END_MS, ended.signal);
    },
  };
}
