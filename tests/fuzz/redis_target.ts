/**
 * What must hold of the bounds on a broker's replies, whatever comes.
 *
 * @module
 */

import { Buffer } from "node:buffer";
// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Decoder } from "@redis/client/dist/lib/RESP/decoder.js";
import { ProtocolError } from "../../lib/base/errors.ts";
import { ReplyGuard } from "../../lib/redis/reply_guard.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const REPLIES: Bytes[] = [
  "%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n+proto\r\n:3\r\n",
  ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\n\r\n$9\r\n",
  "*2\r\n$-1\r\n~1\r\n_\r\n#t\r\n,1.5\r\n(12\r\n",
  "-ERR no\r\n!5\r\nERR x\r\n=8\r\ntxt:abcd\r\n:-1\r\n*-1\r\n",
  "$500000000\r\n",
  "*100001\r\n",
  "\r",
  "\n",
  "$",
].map((text) => new TextEncoder().encode(text));

/** Why the pieces are refused, if they are, and how many replies and messages came before. */
function verdict(pieces: Iterable<Uint8Array>): { refusal?: string; replies: number } {
  const guard = new ReplyGuard();
  try {
    for (const piece of pieces) guard.check(piece);
    return { replies: guard.replies };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { refusal: error.message, replies: guard.replies };
  }
}

/** How many replies and messages the client library reads; undefined if it gives the connection up. */
function readByLibrary(pieces: Iterable<Uint8Array>): number | undefined {
  let count = 0;
  const one = () => count++;
  const decoder = new Decoder({
    onReply: one,
    onErrorReply: one,
    onPush: one,
    getTypeMapping: () => ({}),
  });
  try {
    for (const piece of pieces) decoder.write(Buffer.from(piece));
    return count;
  } catch {
    return undefined;
  }
}

/** The guard reads as the library does, however the bytes are cut. */
export const REDIS_TARGET: Target = {
  make: (random) => mutate(random, random.pick(REPLIES), REPLIES),
  check(input, random) {
    const pieces = [...random.pieces(input)];
    const whole = verdict([input]);
    assertEquals(verdict(pieces).refusal, whole.refusal);
    if (whole.refusal !== undefined) return;
    for (const cut of [[input], pieces]) {
      // The library is done with a value before its line break is there.
      const ahead = (readByLibrary(cut) ?? whole.replies) - whole.replies;
      assert(ahead === 0 || ahead === 1, `it has read ${ahead} replies more`);
    }
  },
};
