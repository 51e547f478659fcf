/**
 * Following a sender to wherever it is now.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import type { Address } from "../protocol/address.ts";
import { browse } from "./browse.ts";
import type { FoundCamera } from "./found_cameras.ts";

/** The addresses of the cameras that are meant, with every answer that tells of them. */
export async function* locate(
  isMeant: (camera: FoundCamera) => boolean,
  signal: AbortSignal,
): AsyncGenerator<Address, void, void> {
  let addresses: Address[] = [];
  let news = Promise.withResolvers<void>();
  using _ = onAbort(signal, () => news.resolve());
  browse({
    signal,
    onFound: (cameras) => {
      addresses = cameras.filter(isMeant).flatMap(({ addresses }) => addresses);
      if (addresses.length > 0) news.resolve();
    },
  });
  while (!signal.aborted) {
    await news.promise;
    news = Promise.withResolvers();
    yield* addresses.splice(0);
  }
}
