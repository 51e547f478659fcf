/**
 * Reading what the broker does with a subscriber that does not read.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { formatBytes } from "../base/quantity.ts";
import type { Connection } from "./connection.ts";

/** Below it an edge would be cut off in an ordinary pause of a second or two. */
const MIN_BYTES = 4_000_000;
/** Above it a few stalled edges could fill the broker's memory. */
const MAX_BYTES = 256_000_000;

/** What redis.conf(5) recommends, and Redis does unless told otherwise. */
const DEFAULT = "client-output-buffer-limit pubsub 32mb 8mb 60";

/**
 * What should be changed in `client-output-buffer-limit` for subscribers, if anything. It is never
 * changed here: the broker may serve others too.
 */
export async function adviceOn(connection: Connection): Promise<string | undefined> {
  let value: unknown;
  try {
    const reply = await connection.command("CONFIG", "GET", "client-output-buffer-limit");
    value = (reply as Record<string, unknown> | null)?.["client-output-buffer-limit"];
  } catch (error) {
    // Hosted brokers do not let their users see it.
    if (/NOPERM|unknown|ERR/i.test(messageOf(error))) return undefined;
    throw error;
  }
  return adviceOnLimit(String(value));
}

/** The same for the value of the setting: `normal 0 0 0 slave 268435456 67108864 60 pubsub ...`. */
export function adviceOnLimit(value: string): string | undefined {
  const [, hard, soft] = /\bpubsub (\d+) (\d+) \d+/.exec(value) ?? [];
  if (hard === undefined) return undefined;
  const limits = [Number(hard), Number(soft)].filter((limit) => limit > 0);
  const least = Math.min(...limits);
  if (Number(hard) === 0 && Number(soft) === 0 || Number(hard) > MAX_BYTES) {
    return "The broker keeps too much for a subscriber that does not read: a stalled edge could " +
      `fill its memory. Set "${DEFAULT}" there`;
  }
  if (least < MIN_BYTES) {
    return `The broker cuts a subscriber off for which ${formatBytes(least)} wait: edges may be ` +
      `cut off in short pauses. Set "${DEFAULT}" there`;
  }
  return undefined;
}
