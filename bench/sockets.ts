/**
 * TCP as the system sees it.
 *
 * @module
 */

import { pause } from "./system.ts";

/** A port that is free now: for programs that cannot choose one and tell. */
export function freePort(hostname = "127.0.0.1"): number {
  using listener = Deno.listen({ hostname, port: 0 });
  return listener.addr.port;
}

const LISTEN = "0A"; // include/net/tcp_states.h
const LOOK_EVERY_MS = 2;

/**
 * Waits until somebody listens at a port. Connecting in order to see would be taken
 * for the one viewer that some programs serve.
 */
export async function listening(port: number): Promise<void> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (;;) {
    for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
      for (const line of Deno.readTextFileSync(table).split("\n")) {
        const [, local, , state] = line.trim().split(/\s+/);
        if (state === LISTEN && local.endsWith(suffix)) return;
      }
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** What has gone over the connections to a port so far, at the end that listened. */
export interface Traffic {
  /** Bytes to the viewers that have arrived. */
  there: number;
  /** Bytes from the viewers. */
  back: number;
}

/** The traffic of all viewers of a port that are connected now (ss(8), which asks the kernel). */
export function traffic(port: number): Traffic {
  const args = ["-tinH", "state", "established", `( sport = :${port} )`];
  const { stdout } = new Deno.Command("ss", { args }).outputSync();
  const text = new TextDecoder().decode(stdout);
  const count = (name: string) =>
    [...text.matchAll(RegExp(` ${name}:(\\d+)`, "g"))].reduce((sum, [, n]) => sum + Number(n), 0);
  return { there: count("bytes_acked"), back: count("bytes_received") };
}
