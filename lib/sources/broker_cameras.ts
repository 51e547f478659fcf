/**
 * What is published at a broker as a SOURCE.
 *
 * @module
 */

import { CamcatError, UsageError } from "../base/errors.ts";
import { type BrokerUrl, formatBroker, parseBrokerUrl } from "../broker/broker_url.ts";
import type { ConnectionOptions } from "../redis/connection.ts";
import { connectionOf } from "../broker/login.ts";
import { subscribe } from "../broker/edge.ts";
import { listPublished } from "../broker/listing.ts";
import { BrokerReport } from "../report/broker_report.ts";
import { keyToListenWith } from "../security/credentials.ts";
import { laterCameras } from "./later_cameras.ts";
import type { CameraContext, MakeCameras, SenderCamera } from "./make_cameras.ts";

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
  const connection = connectionOf(broker, options["broker-ca"]);
  if (broker.name !== undefined) return [edgeCamera(broker, connection, broker.name, context)];
  if (given !== undefined) {
    throw new UsageError(
      `Cannot use --name with all cameras of a broker: they keep their names. Use ${
        formatBroker(broker)
      }/NAME`,
    );
  }
  const list = async () => (await listPublished(broker, connection)).map(({ name }) => name);
  const listed = await list();
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
  const make = (name: string) => edgeCamera(broker, connection, name, context, true);
  context.later((signal) => laterCameras({ names, most: MAX_CAMERAS, list, make, signal }));
  return names.map(make);
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
  const brokerReport = new BrokerReport(console);
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
          else brokerReport.edge(hub.name, event);
        },
      }),
  };
}
