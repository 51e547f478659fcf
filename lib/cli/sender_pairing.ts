/**
 * Pairing at a sender or a call: a code on this terminal, or on that of `--pair` beside it.
 *
 * @module
 */

import { CamcatError, KeyError } from "../base/errors.ts";
import type { Console, Status } from "../program/console.ts";
import { type Address, CALL_PORT, DEFAULT_PORT, EVERY_INTERFACE } from "../protocol/address.ts";
import type { Connection } from "../protocol/connection.ts";
import type { PairingState } from "../protocol/pairing_messages.ts";
import { PairingDesk } from "../pairing/desk.ts";
import { invite, serveInvitation } from "../pairing/invitation.ts";
import type { Pairing, PairingEvent } from "../pairing/pairing.ts";
import { codeStatus, type PairingProgram, PairingReport } from "../report/pairing_report.ts";
import { type KeyOptions, keyToListenWith } from "../security/credentials.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";

/** The options that say which program shows a code. */
export interface PairingOptions extends KeyOptions {
  /** Where it listens. @default its own port, at every interface */
  listen?: Address | undefined;
  /** Whether it is to have a new key: then none with that can run yet. */
  "new-key"?: boolean;
}

const PORTS: Record<PairingProgram, number> = { sender: DEFAULT_PORT, call: CALL_PORT };

/** Gives the key to peers that know the code. */
export class SenderPairing implements Disposable {
  /** Where they are answered. */
  readonly desk: PairingDesk;
  #report: PairingReport;
  /** The code that our terminal shows. */
  #shown: Pairing | undefined;
  #isOver = false;
  #onEvent = (event: PairingEvent): void => {
    if (!this.#isOver) this.#report.news(event);
  };

  /** Gives this key. */
  constructor(key: Key, console: Console, program: PairingProgram) {
    this.desk = new PairingDesk(key);
    this.#report = new PairingReport(console, program);
  }

  /** Shows a code. */
  async open(): Promise<void> {
    this.#shown = await this.desk.open(this.#onEvent);
    this.#report.code(this.#shown.code);
  }

  /** Lets somebody who has the key show a code at that address. */
  async invite(connection: Connection, peer: string): Promise<void> {
    this.#report.invited(peer.replace(/:\d+$/, ""));
    await serveInvitation(this.desk, connection, this.#onEvent);
  }

  /** For the status line. */
  status(): Status[] {
    const { code, secondsLeft } = this.#shown ?? { code: "", secondsLeft: 0 };
    return secondsLeft > 0 ? [codeStatus(code, secondsLeft)] : [];
  }

  /** Makes the code invalid, and says nothing: the program ends. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.desk.close();
  }
}

/**
 * Shows a code of the same program that listens where this one would, until the code is not valid
 * any more.
 *
 * @returns the exit status, 1 if nobody used the code; undefined if none listens there
 * @throws {CamcatError} if that one has another key
 */
export async function pairRunning(
  program: PairingProgram,
  options: PairingOptions,
  console: Console,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { listen = { hostname: EVERY_INTERFACE, port: PORTS[program] } } = options;
  const { hostname, port } = listen;
  const key = keyToListenWith(options);
  if (port === 0 || key === undefined || options["new-key"]) return undefined;
  const address = { hostname: hostname === EVERY_INTERFACE ? "127.0.0.1" : hostname, port };
  const report = new PairingReport(console, program);
  let state: PairingState | undefined;
  try {
    const handshake = handshakeAsViewer(await identityOf(key));
    for await (const message of invite(address, handshake, signal)) {
      if (message.type === "pairing") {
        report.news(message);
        state = message.state;
        continue;
      }
      report.code(message.code);
      const until = performance.now() + message.seconds * 1000;
      const secondsLeft = () => Math.max(0, Math.ceil((until - performance.now()) / 1000));
      console.showStatus(() => [codeStatus(message.code, secondsLeft())]);
    }
  } catch (error) {
    if (error instanceof KeyError) throw explain(error, program, port);
    const isThere = error instanceof CamcatError && !error.message.startsWith("Cannot connect");
    if (isThere) throw error;
    return undefined; // whoever starts there says why it cannot, if something else listens
  }
  return state === "paired" || signal.aborted ? 0 : 1;
}

function explain(error: KeyError, program: PairingProgram, port: number): CamcatError {
  const reason = error.problem === "not needed"
    ? `the ${program} that runs at port ${port} is open: a receiver needs no key`
    : `the ${program} that runs at port ${port} has another key. Run this as the same user, or with ` +
      "its --key-file";
  return new CamcatError(`Cannot pair: ${reason}`, { cause: error });
}
