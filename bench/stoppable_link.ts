/**
 * A connection that can stand still.
 *
 * @module
 */

import { pause } from "./system.ts";

/** Passes connections on to a port of this machine, and stops while it is told to. */
export class StoppableLink implements Disposable {
  /** Whether nothing passes. */
  isStopped = false;
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  /** @param to the port that connections go to */
  constructor(to: number) {
    this.#accept(to);
  }

  /** The port to connect to. */
  get port(): number {
    return this.#listener.addr.port;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #accept(to: number): Promise<void> {
    try {
      for await (const near of this.#listener) {
        const far = await Deno.connect({ hostname: "127.0.0.1", port: to });
        near.setNoDelay();
        far.setNoDelay();
        this.#pass(near, far);
        this.#pass(far, near);
      }
    } catch {
      // it is closed
    }
  }

  async #pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const bytes = new Uint8Array(64 * 1024);
    try {
      for (let count; (count = await from.read(bytes)) !== null;) {
        while (this.isStopped) await pause(10);
        for (let at = 0; at < count;) at += await to.write(bytes.subarray(at, count));
      }
    } catch {
      // one of them has ended
    }
    for (const one of [from, to]) {
      try {
        one.close();
      } catch {
        // it is closed already
      }
    }
  }
}
