/**
 * A connection to the broker that is made again whenever it ends.
 *
 * @module
 */

import { onAbort, wait } from "../base/abort.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { formatAddress } from "../protocol/address.ts";
import type { Connection, ConnectionOptions } from "./connection.ts";
import { connectToPrimary, type Servers } from "./primary.ts";

/** How often the broker is asked whether it is still there, and still the primary. */
const CHECK_MS = 1000;
/** How long it may take to answer. */
const ANSWER_MS = 3000;
/** Pauses between attempts: a broker that is back is used within a second. */
const PAUSES_MS = [100, 200, 400, 700];

/** Options of {@linkcode keepLinked}. */
export interface LinkOptions {
  /** Where the broker is. */
  broker: Servers;
  /** How to connect to it. */
  connection: ConnectionOptions;
  /** The key of the camera: in a Cluster, it decides which node is in charge. */
  key: string;
  /** Stops it. */
  signal: AbortSignal;
  /**
   * Called when there is a connection; `ended` is aborted when it has ended. What it throws ends
   * the connection.
   */
  onUp: (connection: Connection, ended: AbortSignal) => Promise<void>;
  /** How long the broker may take to answer at the moment, beyond the usual. @default 0 ms */
  extraMs?: () => number;
  /** Called with the reason when there is none, once until the next {@linkcode LinkOptions.onUp}. */
  onDown: (error: CamcatError) => void;
}

/** Keeps a connection to the primary until `signal` is aborted. */
export async function keepLinked(options: LinkOptions): Promise<void> {
  const { broker, key, signal, onUp, onDown } = options;
  let [failures, isDown] = [0, false];
  const report = (error: CamcatError) => {
    if (!isDown && !signal.aborted) onDown(error);
    isDown = true;
  };
  while (!signal.aborted) {
    try {
      using connection = await connectToPrimary(broker, options.connection, key, signal);
      using _ = onAbort(signal, () => connection.close());
      const ended = new AbortController();
      const reason = connection.ended.then((reason) => {
        ended.abort();
        return reason;
      });
      if (signal.aborted) return;
      check(connection, options, ended.signal).catch((error) => connection.close(messageOf(error)));
      onUp(connection, ended.signal).catch((error) => connection.close(messageOf(error)));
      // Only an answer shows that it is of use.
      if (await within(connection.command("EXISTS", key).then(() => true), ANSWER_MS)) {
        [failures, isDown] = [0, false];
      }
      const where = formatAddress(connection.address);
      report(new CamcatError(`The broker ${where} is lost: ${await reason}`));
    } catch (error) {
      report(
        error instanceof CamcatError
          ? error
          : new CamcatError(`Cannot use the broker: ${messageOf(error)}`, { cause: error }),
      );
    }
    const pauseMs = PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)];
    await wait(pauseMs * (0.75 + Math.random() * 0.5), signal);
  }
}

/** Asks again and again. Ends when `ended` is aborted. @throws if the broker is of no use any more */
async function check(
  connection: Connection,
  { key, extraMs = () => 0 }: LinkOptions,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    const answer = Promise.all([connection.info(), connection.command("EXISTS", key)]);
    answer.catch(() => {}); // it may fail after we stopped waiting
    const [server] = await within(answer, ANSWER_MS + extraMs()) ?? [];
    if (server === undefined) throw new Error("it does not answer");
    if (server.mode === "standalone" && !server.isPrimary) {
      throw new Error("it has become a replica");
    }
    await wait(CHECK_MS, ended);
  }
}
