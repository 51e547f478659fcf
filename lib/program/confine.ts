/**
 * Giving up permissions that a program needs only while it starts.
 *
 * @module
 */

import { startGuard } from "./guard.ts";
import { needsEnv } from "./start_process.ts";

/**
 * Starts the guard, then revokes the permission to run `sh`, and `env` unless loader variables are
 * set: both can run any program. Call it before a program reads anything from the network.
 */
export async function confine(): Promise<void> {
  const started = startGuard();
  const isUnlimited = Deno.permissions.querySync({ name: "run" }).state === "granted";
  if (!isUnlimited) { // the receiver is, for --exec
    Deno.permissions.revokeSync({ name: "run", command: "sh" });
    if (!needsEnv()) Deno.permissions.revokeSync({ name: "run", command: "env" });
  }
  await started;
}
