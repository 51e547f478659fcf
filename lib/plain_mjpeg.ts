/**
 * Recordings without any container: JPEGs one after another, and no times.
 *
 * @module
 */

import type { Chunk } from "./chunk.ts";
import type { Container, Patch } from "./container.ts";
import type { Bytes } from "./frame.ts";

const NOTHING: Bytes = new Uint8Array();

/** JPEGs and nothing else. */
export class PlainMjpeg implements Container {
  header(): Bytes {
    return NOTHING;
  }

  encode({ bytes }: Chunk): Bytes[] {
    return [bytes];
  }

  written(): void {}

  index(): Bytes {
    return NOTHING;
  }

  patches(): Patch[] {
    return [];
  }
}
