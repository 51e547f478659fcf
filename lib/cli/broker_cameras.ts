/**
 * Cameras over a broker: published there, as SOURCEs from there, and listed.
 *
 * @module
 */

import { CamcatError, UsageError, wordsOf } from "../base/errors.ts";
import { type BrokerUrl, checkName, formatBroker, parseBrokerUrl } from "../broker/broker_url.ts";
import type { ConnectionOptions } from "../broker/connection.ts";
import { subscribe } from "../broker/edge.ts";
import { type ListedCamera, listPublished } from "../broker/listing.ts";
import { publish } from "../broker/publisher.ts";
import type { Console } from "../program/console.ts";
import { BrokerReport } from "../report/broker_report.ts";
import { keyToListenWith } from "../security/credentials.ts";
import type { Key } from "../security/key.ts";
import type { Hub } from "../send/hub.ts";
import type { CameraContext, MakeCameras } from "./make_cameras.ts";
import type { SenderOptions } from "../options/sender_options.ts";
import type { SenderCamera } from "./sender_session.ts";

/** Most cameras of a broker served at once: each takes a connection. */
const MAX_CAMERAS = 16;

/** Makes a camera of each one that is to be had from a broker. */
export const brokerCameras: MakeCameras = async (text, context) => {
  const { options, name: given } = context;
  if (options["new-key"]) {
    throw new UsageError(
      "Cannot use --new-key with a broker as the SOURCE: the key of its sender opens the pictures",
    );
  }
  const broker = parseBrokerUrl(text);
  const connection = connectionOf(broker, options);
  if (broker.name !== undefined) return [edgeCamera(broker, connection, broker.name, context)];
  if (given !== undefined) {
    throw new UsageError(
      `Cannot use --name with all cameras of a broker: they keep their names. Use ${
        formatBroker(broker)
      }/NAME`,
    );
  }
  const listed = (await listPublished(broker, connection)).map(({ name }) => name);
  if (listed.length === 0) {
    throw new CamcatError(
      `Cannot send the cameras of ${formatBroker(broker)}: there is none yet. To wait for one, ` +
        `use ${formatBroker(broker)}/NAME`,
    );
  }
  const names = listed.slice(0, MAX_CAMERAS);
  if (listed.length > names.length) {
    context.console.warn(
      { event: "cameras-left-out", cameras: listed.length, relayed: names.length },
      `${formatBroker(broker)} has ${listed.length} cameras. Only the first ${names.length} are ` +
        "sent; choose others by name",
    );
  }
  return names.map((name) => edgeCamera(broker, connection, name, context, names.length > 1));
};

function edgeCamera(
  broker: BrokerUrl,
  connection: ConnectionOptions,
  name: string,
  context: CameraContext,
  isOneOfSeveral = false,
): SenderCamera {
  const { console, options, demand } = context;
  const { hub, report } = context.hub(context.name ?? name, isOneOfSeveral);
  const brokerReport = new BrokerReport(console, hub.name);
  return {
    hub,
    status: report.status(hub),
    supply: (signal) =>
      subscribe(hub, {
        ...{ broker, connection, name, signal },
        key: keyToListenWith(options),
        lingerMs: demand.lingerMs,
        maxPixels: options["max-pixels"],
        onEvent: (event) => {
          if (event.type === "state") report.capture(event.state, event.error);
          else if (event.type === "source") report.source({ live: false, reason: event.reason });
          else brokerReport.edge(event);
        },
      }),
  };
}

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
function connectionOf(
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
