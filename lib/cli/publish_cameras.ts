/**
 * Cameras at a broker: published, and listed.
 *
 * @module
 */

import { CamcatError, UsageError, wordsOf } from "../base/errors.ts";
import { type BrokerUrl, checkName, formatBroker, parseBrokerUrl } from "../broker/broker_url.ts";
import type { ConnectionOptions } from "../broker/connection.ts";
import { type ListedCamera, listPublished } from "../broker/listing.ts";
import { publish } from "../broker/publisher.ts";
import type { SenderOptions } from "../options/sender_options.ts";
import type { Console } from "../program/console.ts";
import { BrokerReport } from "../report/broker_report.ts";
import type { Key } from "../security/key.ts";
import type { Hub } from "../send/hub.ts";

/** Publishes cameras at a broker until `signal` is aborted. */
export async function publishCameras(
  hubs: readonly Hub[],
  broker: BrokerUrl,
  { options, key, console, signal }: {
    options: Pick<SenderOptions, "broker-ca">;
    key: Key | undefined;
    console: Console;
    signal: AbortSignal;
  },
): Promise<void> {
  if (broker.name !== undefined && hubs.length > 1) {
    throw new UsageError(
      `Cannot publish ${hubs.length} cameras as "${broker.name}": leave the name out of ` +
        "--publish, and use --name",
    );
  }
  const connection = connectionOf(broker, options);
  await Promise.all(hubs.map((hub) => {
    const name = broker.name ?? hub.name;
    checkName(name);
    const report = new BrokerReport(console, name);
    report.publishing(formatBroker(broker));
    const onEvent = report.publisher.bind(report);
    return publish(hub, { broker, connection, name, key, signal, onEvent });
  }));
}

/** The cameras of the broker in a URL, as a table or as JSON. */
export async function brokerLines(text: string, options: SenderOptions): Promise<string[]> {
  const broker = parseBrokerUrl(text);
  const cameras = await listPublished(broker, connectionOf(broker, options));
  if (options.json) return cameras.map((camera) => JSON.stringify(camera));
  if (cameras.length === 0) {
    throw new CamcatError(
      `Cannot find a camera at ${formatBroker(broker)}: none is published there`,
    );
  }
  const width = Math.max(...cameras.map(({ name }) => name.length));
  return cameras.map(({ name, open, live }: ListedCamera) =>
    `${name.padEnd(width)}  ${live ? "live" : "not live"}${open ? ", open" : ""}`
  );
}

/** How to connect: as the URL, the options and the environment say. */
export function connectionOf(
  { tls, user, password }: BrokerUrl,
  { "broker-ca": authority }: Pick<SenderOptions, "broker-ca">,
): ConnectionOptions {
  if (authority !== undefined && !tls) {
    throw new UsageError(
      "Cannot use --broker-ca without encryption: the URL must begin with rediss:",
    );
  }
  return {
    tls,
    user: user ?? (Deno.env.get("CAMCAT_REDIS_USER") || undefined),
    password: password ?? (Deno.env.get("CAMCAT_REDIS_PASSWORD") || undefined),
    authorities: authority === undefined ? undefined : readAuthority(authority),
  };
}

function readAuthority(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new CamcatError(`Cannot read the certificate authority ${path}: ${wordsOf(cause)}`, {
      cause,
    });
  }
}
