/**
 * What a receiver does with one camera, from the connection to the last output.
 *
 * @module
 */

import { formatAddress } from "../protocol/address.ts";
import type { Peer } from "../security/peer.ts";
import { type Connection, isEncrypted } from "../protocol/connection.ts";
import { type Console, joinStatus, type Status } from "../program/console.ts";
import { type Credential, explainKey, keyToListenWith } from "../security/credentials.ts";
import { Gatekeeper } from "../security/gatekeeper.ts";
import { CamcatError, KeyError } from "../base/errors.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import { rememberKey, reportRefused } from "./key_report.ts";
import { accept, listen } from "../security/listen.ts";
import type { Output } from "../receive/output.ts";
import { openOutputs } from "./outputs.ts";
import {
  receive,
  type ReceivedFrame,
  type ReceiveEvent,
  receiveFrom,
  type ReconnectOptions,
} from "../receive/receive.ts";
import type { ReceiverOptions } from "./receiver_options.ts";
import type { ReceivingReport } from "./receiving_report.ts";

/** What a {@linkcode ReceiverSession} needs. */
export interface ReceiverSessionOptions {
  /** The command line, for this camera. */
  options: ReceiverOptions;
  /** The sender; undefined if it connects to us. */
  peer: Peer | undefined;
  /** The key to show to it, if there is one. */
  credential: Credential | undefined;
  /** Hears what is to be told. */
  console: Console;
  /** Hears of connection and frames. */
  report: ReceivingReport;
  /** Ends it. */
  signal: AbortSignal;
  /** What shows the picture, if it is not what the options say. */
  display?: Output | undefined;
}

/** Receives one camera into all that the options ask for. */
export class ReceiverSession {
  #settings: ReceiverSessionOptions;
  #output: Output;
  #closed = new AbortController();
  #signal: AbortSignal;

  /**
   * Opens the outputs.
   *
   * @throws {CamcatError} if one cannot be opened
   */
  constructor(settings: ReceiverSessionOptions) {
    this.#settings = settings;
    this.#signal = AbortSignal.any([settings.signal, this.#closed.signal]);
    const { options, peer, console, report, display } = settings;
    const from = peer === undefined ? "pushed here" : formatAddress(peer.address);
    const address = peer === undefined ? "" : from;
    const context = { from, address, console, report, signal: this.#signal, display };
    this.#output = openOutputs(options, context);
    this.#output.ended.then(() => this.#closed.abort());
  }

  /** Figures of the connection and of the outputs. */
  status(): Status {
    return joinStatus(this.#settings.report.status(), this.#output.status?.());
  }

  /**
   * Receives until it is ended, or an output is, and closes the outputs.
   *
   * @throws {CamcatError} if an output has failed, or the connection with `--once`
   */
  async run(): Promise<void> {
    await using output = this.#output;
    const { report } = this.#settings;
    try {
      for await (const received of this.#frames()) {
        const taken = output.take(received);
        if (taken !== undefined) await taken;
        report.frame(received);
      }
    } catch (error) {
      if (error instanceof CamcatError) output.follow?.({ type: "lost", reason: error.message });
      throw error;
    }
    const failure = this.#closed.signal.aborted ? await output.ended : undefined;
    if (failure !== undefined) throw failure;
  }

  #frames(): AsyncIterable<ReceivedFrame> {
    const { options, peer, credential, console, report } = this.#settings;
    const receiving = {
      signal: this.#signal,
      camera: options.camera,
      allFrames: options["all-frames"],
      once: options.once,
      onEvent: (event: ReceiveEvent) => {
        if (event.type === "connected" && peer && credential) {
          rememberKey(console, peer.address, credential);
        }
        report.connection(event);
        this.#output.follow?.(event);
      },
    };
    return peer === undefined
      ? receivePushed(options, receiving, console, report)
      : receiveFromPeer(peer, credential, receiving);
  }
}

/** Receives from the sender the user has named. */
async function* receiveFromPeer(
  { address }: Peer,
  credential: Credential | undefined,
  options: ReconnectOptions,
): AsyncGenerator<ReceivedFrame, void, void> {
  try {
    // The own key was not asked for: an open sender on this machine is as good.
    const orOpen = credential?.from === "own";
    yield* receive(address, { ...options, key: credential?.key, orOpen });
  } catch (error) {
    throw error instanceof KeyError ? explainKey(error, address, credential) : error;
  }
}

/** Receives from senders that connect to us, one after another. */
async function* receivePushed(
  options: ReceiverOptions,
  receiving: ReconnectOptions & { signal: AbortSignal },
  console: Console,
  report: ReceivingReport,
): AsyncGenerator<ReceivedFrame, void, void> {
  const key = keyToListenWith(options);
  const handshake = key && handshakeAsViewer(await identityOf(key));
  const listener = listen(options.listen!);
  report.listening(listener, key);
  const door = handshake && new Gatekeeper(handshake, reportRefused(console));
  const stop = new AbortController();
  const signal = AbortSignal.any([receiving.signal, stop.signal]);
  // One is shown, one may wait.
  const senders = new ReadableStream<Connection>({
    start: (queue) => {
      accept(listener, { signal, door }, (connection) => {
        if (queue.desiredSize === 0) connection.close();
        else queue.enqueue(connection);
      }).then(() => stop.signal.aborted || queue.close());
    },
    cancel: () => stop.abort(), // nobody takes the next one: it is closed already
  });
  for await (const connection of senders) {
    receiving.onEvent?.({ type: "connected", encrypted: isEncrypted(connection) });
    try {
      yield* receiveFrom(connection, receiving);
    } catch (error) {
      if (!(error instanceof CamcatError) || receiving.once) throw error;
      receiving.onEvent?.({ type: "lost", reason: error.message });
    }
  }
}
