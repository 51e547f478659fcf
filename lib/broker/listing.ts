/**
 * The cameras at a broker: a key for each, which expires unless its publisher renews it.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { cut, safeText } from "../base/text.ts";
import { within } from "../base/within.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import type { BrokerUrl } from "./broker_url.ts";
import { KEY_PATTERN, nameOfKey } from "./channels.ts";
import { Connection, type ConnectionOptions } from "../redis/connection.ts";
import { isEpoch } from "./notes.ts";
import { connectToPrimary } from "../redis/primary.ts";

/** How long a key stays after its publisher's last sign, in milliseconds. */
export const LISTED_MS = 3500;
/** More cameras are not listed. */
const MAX_CAMERAS = 1000;
/** How long the broker may take for each answer. */
const ANSWER_MS = 3000;
/** More keys that are none of ours are not looked through. */
const MAX_STEPS = 100_000;

/** What a publisher writes into its key. Everybody at the broker can read and change it. */
export interface Listing {
  /** Tells publishers apart, as hex. */
  epoch: string;
  /** Whether its pictures are bare. */
  open: boolean;
  /** Whether its capture is live. */
  live: boolean;
}

/** A camera at a broker. */
export interface ListedCamera extends Omit<Listing, "epoch"> {
  /** Its name. */
  name: string;
}

/** Writes the value of a key. */
export function encodeListing(listing: Listing): string {
  return JSON.stringify(listing);
}

/** Reads the value of a key; undefined if it is none of ours. */
export function parseListing(text: string): Listing | undefined {
  if (text.length > 200) return undefined;
  try {
    const { epoch, open, live } = JSON.parse(text);
    if (typeof epoch !== "string" || !isEpoch(epoch)) return undefined;
    return { epoch, open: open === true, live: live === true };
  } catch {
    return undefined;
  }
}

/**
 * The cameras at a broker, by name.
 *
 * @throws {CamcatError} if it cannot be reached
 */
export async function listPublished(
  broker: BrokerUrl,
  options: ConnectionOptions,
): Promise<ListedCamera[]> {
  using connection = await connectToPrimary(broker, options, "camcat:{}");
  const { mode } = await connection.info();
  const found = new Map<string, ListedCamera>();
  await scan(connection, found);
  if (mode === "cluster") {
    for (const node of await primariesOf(connection)) {
      if (formatAddress(node) === formatAddress(connection.address)) continue;
      using other = await Connection.open(node, options);
      await scan(other, found);
    }
  }
  return [...found.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

async function scan(connection: Connection, found: Map<string, ListedCamera>): Promise<void> {
  let cursor = "0";
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const args = ["SCAN", cursor, "MATCH", KEY_PATTERN, "COUNT", "1000"];
    const [next, keys] = await listFrom(connection, ...args);
    for (const key of Array.isArray(keys) ? keys.map(String) : []) {
      const name = nameOfKey(key);
      if (name === undefined || name !== cut(safeText(name)) || found.has(name)) continue;
      const listing = parseListing(String(await answerOf(connection, "GET", key) ?? ""));
      if (listing === undefined) continue;
      found.set(name, { name, open: listing.open, live: listing.live });
      if (found.size > MAX_CAMERAS) {
        throw new CamcatError(`Cannot list the cameras of the broker: it has over ${MAX_CAMERAS}`);
      }
    }
    cursor = String(next);
    if (cursor === "0") return;
  }
}

/** The primaries of a Cluster. */
async function primariesOf(connection: Connection): Promise<Address[]> {
  const slots = await listFrom(connection, "CLUSTER", "SLOTS");
  const nodes = new Map<string, Address>();
  for (const [, , [host, port]] of slots as [unknown, unknown, unknown[]][]) {
    const hostname = String(host ?? "") || connection.address.hostname;
    nodes.set(`${hostname}:${port}`, { hostname, port: Number(port) });
  }
  return [...nodes.values()];
}

/** An answer of the broker. @throws {CamcatError} if there is none in time */
async function answerOf(connection: Connection, ...args: string[]): Promise<unknown> {
  const answer = connection.command(...args).then((value) => ({ value }));
  answer.catch(() => {}); // it may fail after we stopped waiting
  const inTime = await within(answer, ANSWER_MS);
  if (inTime === undefined) throw cannotList(connection, "it does not answer");
  return inTime.value;
}

/** The same where it must be a list. */
async function listFrom(connection: Connection, ...args: string[]): Promise<unknown[]> {
  const answer = await answerOf(connection, ...args);
  if (Array.isArray(answer)) return answer;
  throw cannotList(connection, `its answer to ${args[0]} makes no sense`);
}

function cannotList({ address }: Connection, reason: string): CamcatError {
  return new CamcatError(
    `Cannot list the cameras of the broker ${formatAddress(address)}: ${reason}`,
  );
}
