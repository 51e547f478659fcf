/**
 * Pairing at a sender: a code on this terminal, or on that of `sender --pair` beside it.
 *
 * @module
 */

import type { Console, Status } from "../program/console.ts";
import type { Connection } from "../protocol/connection.ts";
import { PairingDesk } from "../pairing/desk.ts";
import type { Pairing, PairingEvent } from "../pairing/pairing.ts";
import { codeStatus, PairingReport } from "../report/pairing_report.ts";
import type { Key } from "../security/key.ts";

/** Gives a sender's key to viewers that know the code. */
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
  constructor(key: Key, console: Console) {
    this.desk = new PairingDesk(key);
    this.#report = new PairingReport(console);
  }

  /** Shows a code. */
  async open(): Promise<void> {
    this.#shown = await this.desk.open(this.#onEvent);
    this.#report.code(this.#shown.code);
  }

  /** Lets somebody who has the key show a code at that address. */
  async invite(connection: Connection, peer: string): Promise<void> {
    const { serveInvitation } = await import("../pairing/invitation.ts");
    this.#report.invited(peer);
    await serveInvitation(this.desk, connection, this.#onEvent);
  }

  /** For the status line. */
  status(): Status[] {
    const { code, secondsLeft } = this.#shown ?? { code: "", secondsLeft: 0 };
    return secondsLeft > 0 ? [codeStatus(code, secondsLeft)] : [];
  }

  /** Makes the code invalid, and says nothing: the sender ends. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.desk.close();
  }
}
