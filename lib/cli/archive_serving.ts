/**
 * Serves the page of the recordings, as the receiver's options ask for it.
 *
 * @module
 */

import { ArchiveSite, type TriggerName } from "../archive/archive_site.ts";
import { Recordings } from "../archive/recordings.ts";
import { ownHostNames } from "../http/origin.ts";
import { serveSite } from "../http/server.ts";
import type { ReceiverOptions } from "../options/receiver_options.ts";
import type { Console } from "../program/console.ts";
import type { Address } from "../protocol/address.ts";
import { Naming } from "../record/naming.ts";
import { reportArchive } from "../report/archive_report.ts";
import { reportRefused } from "../report/key_report.ts";
import { reportShortage } from "../report/shortage_report.ts";
import { keyToListenWith } from "../security/credentials.ts";
import { archiveSecretsOf } from "../security/identity.ts";
import { namingOf } from "./outputs.ts";
import { NO_REASON, type TriggerSource } from "./trigger.ts";

/** What {@linkcode serveArchive} needs. */
export interface ArchiveContext {
  /** The command line. */
  options: ReceiverOptions;
  /** Where to listen. */
  address: Address;
  /** The folder of the recordings. */
  folder: string;
  /** Where events are shown. */
  console: Console;
  /** Stops it. */
  signal: AbortSignal;
  /** Takes triggers, if another program may give them. */
  trigger: TriggerSource | undefined;
}

/** A page of recordings that is served. */
export interface ArchiveServing {
  /** Its recordings. */
  recordings: Recordings;
  /** Resolves when it has stopped. */
  finished: Promise<void>;
}

/**
 * Serves the recordings of a folder to those that have this user's key.
 *
 * @throws {CamcatError} if it cannot listen there
 */
export async function serveArchive(
  { options, address, folder, console, signal, trigger }: ArchiveContext,
): Promise<ArchiveServing> {
  // With --open a sender needs no key. Recordings can be deleted: they always need one.
  const key = keyToListenWith({ ...options, open: false })!;
  const secrets = await archiveSecretsOf(key);
  const recordings = new Recordings(folder, namingOf(options) ?? new Naming());
  const { "http-host": names = [] } = options;
  const onRefused = reportRefused(console);
  const onTrigger = trigger && ((name: TriggerName, reason: string) => {
    if (name === "stop") trigger.send({ type: "stop" });
    else trigger.send({ type: name === "start" ? "start" : "pull", reason: reason || NO_REASON });
  });
  const serving = serveSite(
    (where) =>
      new ArchiveSite(recordings, {
        ...{ secrets, onRefused, onTrigger, ...where },
        names: [...names, ...ownHostNames()],
      }),
    { address, signal, onShortage: reportShortage(console) },
    "--http",
  );
  const { token } = secrets;
  const hasTrigger = trigger !== undefined;
  reportArchive(console, { address: serving.address, names, key, token, hasTrigger });
  return { recordings, finished: serving.finished };
}
