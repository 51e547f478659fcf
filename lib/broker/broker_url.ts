/**
 * Where a broker is, as users write it.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import { safeText } from "../base/text.ts";
import { formatAddress, parseAddress } from "../protocol/address.ts";
import type { Servers } from "../redis/primary.ts";
import { MAX_NAME_LENGTH } from "./channels.ts";

/** The port of Redis, also of Redis over TLS. */
const REDIS_PORT = 6379;
/** More hosts than any set of replicas has. */
const MAX_HOSTS = 16;

/** Where a broker is, and which camera at it. */
export interface BrokerUrl extends Servers {
  /** Whether connections are encrypted (`rediss:`). */
  tls: boolean;
  /** The user of the broker's access list. */
  user?: string | undefined;
  /** The broker's password. */
  password?: string | undefined;
  /** The camera's name; undefined for all. */
  name?: string | undefined;
}

const FORM = "redis[s]://[USER:PASSWORD@]HOST[:PORT][,HOST...][/NAME]";

/**
 * Reads `redis://` and `rediss://` URLs. USER, PASSWORD and NAME may be percent-encoded.
 *
 * @throws {UsageError} if it is none; the message does not repeat a password
 */
export function parseBrokerUrl(text: string): BrokerUrl {
  const match =
    /^redis(s)?:\/\/(?:([^@/?#\s]*)@)?([^@/?#\s]+)(?:\/([^?#]*))?(?:\?sentinel=([^&#\s]+))?$/i
      .exec(text);
  if (match === null) {
    throw new UsageError(`Cannot read the broker's URL: it must be ${FORM}, received "${text}"`);
  }
  const [, tls, login, list, path, sentinel] = match;
  const [, user, password] = /^([^:]*)(?::(.*))?$/s.exec(login ?? "") ?? [];
  const name = decoded(path, text);
  if (name !== undefined) checkName(name);
  const hosts = list.split(",");
  if (hosts.length > MAX_HOSTS) {
    throw new UsageError(
      `Cannot use the broker's URL: it may name ${MAX_HOSTS} hosts, received ${hosts.length}`,
    );
  }
  return {
    tls: tls !== undefined,
    hosts: hosts.map((host) => parseAddress(/:\d+$/.test(host) ? host : `${host}:${REDIS_PORT}`)),
    user: decoded(user, text),
    password: decoded(password, text),
    name,
    sentinel: decoded(sentinel, text),
  };
}

/** Checks the name of a camera at a broker. @throws {UsageError} if it cannot be one */
export function checkName(name: string): void {
  if (name.length <= MAX_NAME_LENGTH && name === safeText(name)) return;
  throw new UsageError(
    `Cannot use the name "${name}" at a broker: it must have at most ${MAX_NAME_LENGTH} ` +
      "characters, without control characters or passwords. Use --name",
  );
}

/** The broker as shown to users: without login and camera. */
export function formatBroker({ tls, hosts }: BrokerUrl): string {
  const list = hosts.map((host) => formatAddress(host).replace(`:${REDIS_PORT}`, ""));
  return `redis${tls ? "s" : ""}://${list.join(",")}`;
}

function decoded(part: string | undefined, text: string): string | undefined {
  try {
    return part ? decodeURIComponent(part) : undefined;
  } catch (cause) {
    throw new UsageError(
      `Cannot read the broker's URL: a % must begin a percent-encoding, received "${text}"`,
      { cause },
    );
  }
}
