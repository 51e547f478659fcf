/**
 * What a receiver does with one camera, from the connection to the last output.
 *
 * @module
 */

import { CamcatError, KeyError } from "../base/errors.ts";
import { joinStatus, type Status } from "../program/console.ts";
import { type Connection, isEncrypted } from "../protocol/connection.ts";
import type { Output } from "../receive/output.ts";
import {
  receive,
  type ReceivedFrame,
  type ReceiveEvent,
  receiveFrom,
  type ReconnectOptions,
} from "../receive/receive.ts";
import { reportRefused } from "../report/key_report.ts";
import { reportShortage } from "../report/shortage_report.ts";
import { explainKey, keyToListenWith } from "../security/credentials.ts";
import { Gatekeeper } from "../security/gatekeeper.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import { accept, listen } from "../security/listen.ts";
import type { Destination } from "../find/destination.ts";
import { openOutputs, type ReceiverContext } from "./outputs.ts";
import { adaptationOf } from "../options/sinks.ts";

/** Receives one camera into all outputs that the options ask for. */
export class ReceiverSession {
  #context: ReceiverContext;
  #output: Output;
  #closed = new AbortController();

  /**
   * Opens the outputs.
   *
   * @throws {CamcatError} if an output cannot be opened
   */
  constructor(context: ReceiverContext) {
    const signal = AbortSignal.any([context.signal, this.#closed.signal]);
    this.#context = { ...context, signal };
    this.#output = openOutputs(this.#context);
    this.#output.ended.then(() => this.#closed.abort());
  }

  /** Figures of the connection and of the outputs. */
  status(): Status {
    return joinStatus(this.#context.report.status(), this.#output.status?.());
  }

  /**
   * Receives until the signal is aborted or an output ends, and closes the outputs.
   *
   * @throws {CamcatError} if an output has failed or lost frames, or the connection failed with
   * `--once`
   */
  async run(): Promise<void> {
    await this.#receive();
    const failure = this.#output.failure?.();
    if (failure !== undefined) throw failure;
  }

  async #receive(): Promise<void> {
    await using output = this.#output;
    const { report } = this.#context;
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
    const { options, sender, console, report, signal } = this.#context;
    let camera = options.camera;
    const receiving = {
      signal,
      camera,
      allFrames: options["all-frames"],
      maxPixels: options["max-pixels"],
      once: options.once,
      onSound: this.#output.hear,
      adapt: () => adaptationOf(options, this.#output.shownSize?.()),
      onEvent: (event: ReceiveEvent) => {
        if (event.type === "stream") camera = event.name;
        sender?.follow(event, console);
        report.connection(event);
        this.#output.follow?.(event);
      },
    };
    return sender === undefined
      ? receivePushed(this.#context, receiving)
      : receiveFromSender(sender, { ...receiving, elsewhere: sender.elsewhere(() => camera) });
  }
}

/** Receives from the sender that the user has named, or that was found. */
async function* receiveFromSender(
  { address, credential, orOpen }: Destination,
  options: ReconnectOptions,
): AsyncGenerator<ReceivedFrame, void, void> {
  try {
    yield* receive(address, { ...options, key: credential?.key, orOpen });
  } catch (error) {
    throw error instanceof KeyError ? explainKey(error, address, credential) : error;
  }
}

/** Receives from senders that connect to us, one after another. */
async function* receivePushed(
  { options, console, report, signal: stopped }: ReceiverContext,
  receiving: ReconnectOptions,
): AsyncGenerator<ReceivedFrame, void, void> {
  const key = keyToListenWith(options);
  const handshake = key && handshakeAsViewer(await identityOf(key));
  const listener = listen(options.listen!);
  report.listening(listener, key);
  const gatekeeper = handshake && new Gatekeeper(handshake, reportRefused(console));
  const stop = new AbortController();
  const signal = AbortSignal.any([stopped, stop.signal]);
  // One is shown, one may wait.
  const senders = new ReadableStream<Connection>({
    start: (queue) => {
      accept(
        listener,
        { signal, gatekeeper, onShortage: reportShortage(console) },
        (connection) => {
          if (queue.desiredSize === 0) connection.close();
          else queue.enqueue(connection);
        },
      ).then(() => stop.signal.aborted || queue.close());
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
