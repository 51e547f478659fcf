/**
 * Finding the Redis in charge: of one, of one with replicas, behind Sentinels, or in a Cluster.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";

/** A Cluster sends us on at most this often: once to the primary, once more while it changes. */
const MAX_MOVES = 3;
/** How long a server may take to answer. */
const ANSWER_MS = 3000;

/** Which servers to ask. */
export interface Servers {
  /** A Redis, its replicas, Sentinels, or some nodes of a Cluster. */
  hosts: Address[];
  /** What Sentinels call the Redis. @default the only one they watch */
  sentinel?: string | undefined;
}

/**
 * Connects to the Redis that takes writes to `key`. All hosts are asked at once, because some of
 * them may be down.
 *
 * @param signal gives up
 * @throws {CamcatError} if none of them is, or knows, the primary
 */
export async function connectToPrimary(
  servers: Servers,
  options: ConnectionOptions,
  key: string,
  signal?: AbortSignal,
): Promise<Connection> {
  const found = new AbortController();
  const ended = signal === undefined ? found.signal : AbortSignal.any([found.signal, signal]);
  const attempts = servers.hosts.map((host) => follow(host, servers, options, key, ended));
  try {
    const first = await Promise.any(attempts);
    for (const attempt of attempts) {
      attempt.then((other) => other === first || other.close(), () => {});
    }
    found.abort();
    return first;
  } catch (error) {
    const [cause] = (error as AggregateError).errors;
    if (cause instanceof CamcatError) throw cause;
    throw new CamcatError(`Cannot use the broker: ${messageOf(cause)}`, { cause });
  }
}

/** Connects to a host, and from there to the primary that it knows. */
async function follow(
  host: Address,
  servers: Servers,
  options: ConnectionOptions,
  key: string,
  signal: AbortSignal,
): Promise<Connection> {
  let connection = await Connection.open(host, options, signal);
  using _ = onAbort(signal, () => connection.close());
  try {
    let server = await answer(connection, connection.info());
    if (server.mode === "sentinel") {
      const primary = await askSentinel(connection, servers.sentinel);
      connection.close();
      connection = await Connection.open(primary, options, signal);
      server = await answer(connection, connection.info());
    }
    if (server.mode === "cluster") {
      for (let moves = 0;; moves++) {
        const next = await movedTo(connection, key);
        if (next === undefined) break;
        if (moves === MAX_MOVES) {
          throw new CamcatError(
            "Cannot find the node of the Cluster: the camera moves from one to the next",
          );
        }
        connection.close();
        connection = await Connection.open(next, options, signal);
      }
      if (server.version >= 7) connection.shard();
    } else if (!server.isPrimary) {
      throw new CamcatError(
        `Cannot use the broker ${formatAddress(connection.address)}: it is a replica. ` +
          "Name its primary too, separated by a comma",
      );
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** What a server answers. @throws {CamcatError} if it takes too long */
async function answer<T>({ address }: Connection, asked: Promise<T>): Promise<T> {
  const reply = await within(asked, ANSWER_MS);
  if (reply !== undefined) return reply;
  throw new CamcatError(`Cannot use the broker ${formatAddress(address)}: it does not answer`);
}

/** The node of a Cluster that is in charge of `key`, if it is another one. */
async function movedTo(connection: Connection, key: string): Promise<Address | undefined> {
  try {
    await answer(connection, connection.command("EXISTS", key));
    return undefined;
  } catch (error) {
    // "MOVED 3999 127.0.0.1:6381" ("Redis cluster specification", section "MOVED Redirection").
    const [, hostname, port] = /^MOVED \d+ (.*):(\d+)$/.exec(messageOf(error)) ?? [];
    if (port === undefined) throw error;
    return { hostname: hostname || connection.address.hostname, port: Number(port) };
  }
}

/** The primary that a Sentinel knows. */
async function askSentinel(connection: Connection, given: string | undefined): Promise<Address> {
  const name = given ?? await onlyName(connection);
  const asked = connection.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
  const reply = await answer(connection, asked);
  if (!Array.isArray(reply)) {
    throw new CamcatError(
      `Cannot use the broker: the Sentinel ${formatAddress(connection.address)} does not watch ` +
        `"${name}"`,
    );
  }
  return { hostname: String(reply[0]), port: Number(reply[1]) };
}

async function onlyName(connection: Connection): Promise<string> {
  const reply = await answer(connection, connection.command("SENTINEL", "MASTERS"));
  const watched = Array.isArray(reply) ? reply as ({ name?: unknown } | null)[] : [];
  const names = watched.map((it) => String(it?.name));
  if (names.length === 1) return names[0];
  throw new CamcatError(
    "Cannot use the broker: its Sentinels must watch one Redis, or the URL must end in " +
      `?sentinel=NAME, received ${names.length} (${names.slice(0, 5).join(", ")})`,
  );
}
