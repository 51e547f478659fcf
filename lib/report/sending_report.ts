/**
 * Reports on the sender as a whole: where viewers can connect, and where it pushes.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import type { Console } from "../program/console.ts";
import {
  connectInstructions,
  isLocal,
  pageAddresses,
  pageHosts,
  pageInstructions,
} from "./connect_instructions.ts";
import type { Key } from "../security/key.ts";
import { reachableAddresses } from "../security/listen.ts";
import { qrCode } from "./qr.ts";

/** Reports where the sender can be reached on a {@linkcode Console}. */
export class SendingReport {
  #console: Console;
  #names: string[];

  /** Reports on a sender with cameras of these names. */
  constructor(console: Console, names: string[]) {
    this.#console = console;
    this.#names = names;
  }

  /** Reports where receivers can connect, and how. */
  listening(listener: Deno.TcpListener, key: Key | undefined): void {
    const addresses = reachableAddresses(listener.addr);
    const open = key === undefined;
    const { isTerminal } = this.#console;
    const header = `Sending ${this.#names.join(", ")}` +
      (open
        ? ", OPEN: anyone who can reach this machine can watch. On the other machine run:"
        : ". Only viewers with the key can watch. On the other machine run:");
    const lines = connectInstructions("receiver", { addresses, key, isPrivate: isTerminal });
    const { port } = listener.addr;
    this.#console.event(
      { event: "listening", port, addresses, open, cameras: this.#names },
      header,
      lines,
    );
  }

  /** Reports where the page is, and how HTTP clients get the pictures. */
  http(
    { address, key, token, names, scheme }: {
      address: Address;
      key: Key | undefined;
      token: string | undefined;
      names: readonly string[];
      scheme: "http" | "https";
    },
  ): void {
    const addresses = pageHosts({ address, names, scheme });
    const { isTerminal } = this.#console;
    const lines = pageInstructions({ addresses, key, token, scheme, isPrivate: isTerminal });
    if (scheme === "http" && !isLocal(address)) {
      lines.push("HTTP is not encrypted: use it in a network you trust, or use --tls-cert");
    }
    const urls = pageAddresses({ addresses, key: undefined, scheme });
    this.#console.event(
      { event: "http", port: address.port, url: urls[0], urls, open: key === undefined },
      "In a browser:",
      lines,
    );
    // A phone cannot reach the loopback interface.
    if (!isLocal(address)) {
      this.#console.draw(qrCode(pageAddresses({ addresses, key: key?.text, scheme })[0]));
    }
  }

  /** Reports that a source has one camera more. @param isLeftOut whether it cannot be sent */
  cameraAdded(camera: string, isLeftOut: boolean): void {
    if (!isLeftOut) {
      return this.#console.event({ event: "camera-added", camera }, `Sending ${camera}, too`);
    }
    this.#console.warn(
      { event: "camera-left-out", camera },
      `Cannot send the new camera "${camera}", too: there is another one of that name, or there ` +
        "are too many",
    );
  }

  /** Reports where the pictures are pushed. */
  pushing(address: Address): void {
    const to = formatAddress(address);
    this.#console.event({ event: "pushing", to }, `Pushing ${this.#names.join(", ")} to ${to}`);
  }

  /** Reports that an attempt to connect failed. */
  pushFailed(reason: string): void {
    this.#console.warn({ event: "push-failed", reason }, `${reason}. Trying again`);
  }
}
