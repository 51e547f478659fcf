/**
 * What the sender tells its user.
 *
 * @module
 */

import { formatAddress } from "./address.ts";
import type { Console } from "./console.ts";
import { invitation } from "./invitation.ts";
import type { Key } from "./key.ts";
import { reachableAddresses } from "./serve.ts";

/** Tells where the sender can be reached on a {@linkcode Console}. */
export class SendingReport {
  #console: Console;
  #names: string[];

  /** Reports on a sender with cameras of these names. */
  constructor(console: Console, names: string[]) {
    this.#console = console;
    this.#names = names;
  }

  /** The addresses to give to others. */
  listening(listener: Deno.TcpListener, key: Key | undefined): void {
    const addresses = reachableAddresses(listener);
    const open = key === undefined;
    const lines = [
      `Sending ${this.#names.join(", ")}` +
      (open
        ? ", OPEN: anyone who can reach this machine can watch. Elsewhere run:"
        : ", to nobody but who has the key. Elsewhere run:"),
      ...invitation("receiver", { addresses, key, isPrivate: this.#console.isTerminal }),
    ];
    const { port } = listener.addr;
    this.#console.event(
      { event: "listening", port, addresses, open, cameras: this.#names },
      lines.join("\n"),
    );
  }

  /** Where the picture is pushed. */
  pushing(address: Parameters<typeof formatAddress>[0]): void {
    const to = formatAddress(address);
    this.#console.event({ event: "pushing", to }, `Pushing ${this.#names.join(", ")} to ${to}`);
  }

  /** An attempt to connect has failed. */
  pushFailed(reason: string): void {
    this.#console.warn({ event: "push-failed", reason }, `${reason}. Trying again`);
  }
}
