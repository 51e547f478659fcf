/**
 * Publishing the cameras of a sender.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import type { Hub } from "../send/hub.ts";
import { checkName } from "./broker_url.ts";
import { publish, type PublishingEvent, type PublishOptions } from "./publisher.ts";

/** What {@linkcode publishAll} needs. */
export interface PublishAllOptions extends Omit<PublishOptions, "name" | "onEvent"> {
  /** Called when something happens to the camera of that name. */
  onEvent: (name: string, event: PublishingEvent) => void;
}

/**
 * Publishes each hub under its name, or the only one under that of the broker's URL, until the
 * signal is aborted.
 *
 * @throws {UsageError} if a name cannot be used
 */
export async function publishAll(hubs: readonly Hub[], options: PublishAllOptions): Promise<void> {
  const given = options.broker.name;
  if (given !== undefined && hubs.length > 1) {
    throw new UsageError(
      `Cannot publish ${hubs.length} cameras as "${given}": leave the name out of --publish, and ` +
        "use --name",
    );
  }
  const names = hubs.map(({ name }) => given ?? name);
  names.forEach(checkName);
  await Promise.all(hubs.map((hub, index) => {
    const name = names[index];
    const onEvent = (event: PublishingEvent) => options.onEvent(name, event);
    return publish(hub, { ...options, name, onEvent });
  }));
}
