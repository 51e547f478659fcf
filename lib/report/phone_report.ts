/**
 * Tells people how to make a phone the camera.
 *
 * @module
 */

import type { Console } from "../program/console.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import { reachableAddresses } from "../security/listen.ts";
import { pageAddresses } from "./connect_instructions.ts";
import { qrCode } from "./qr.ts";

/** What {@linkcode reportPhone} tells. */
export interface PhoneReportOptions {
  /** Where the page is. */
  address: Address;
  /** Host names to use in place of addresses. */
  names: readonly string[];
  /** What the phone shows to be let in. */
  token: string;
  /** The SHA-256 of the sender's own certificate; undefined for one of an authority. */
  fingerprint: string | undefined;
}

/** Reports where the phone's page is, with a QR code, and what the phone will warn of. */
export function reportPhone(
  console: Console,
  { address, names, token, fingerprint }: PhoneReportOptions,
): void {
  const addresses = names.length > 0
    ? names.map((hostname) => formatAddress({ hostname, port: address.port }))
    : reachableAddresses(address);
  const shown = console.isTerminal ? token : "TOKEN";
  const urls = pageAddresses({ addresses, key: shown, scheme: "https" });
  const lines = urls.map((url) => `  ${url}`);
  if (!console.isTerminal) {
    lines.push("To see TOKEN, run `sender --show-token phone` on this machine");
  }
  if (fingerprint !== undefined) {
    lines.push(
      "The phone will say that the connection is not private, because no authority has signed",
      "this sender's certificate. Go on all the same: Advanced, then Proceed (Android); Show",
      "Details, then visit this website (iPhone). To be sure that it is this sender, compare the",
      `SHA-256 fingerprint of the certificate: ${fingerprint}`,
    );
  }
  console.event(
    {
      event: "phone",
      port: address.port,
      urls: pageAddresses({ addresses, key: undefined, scheme: "https" }),
      fingerprint: fingerprint ?? null,
    },
    "To make a phone the camera, scan this code, or open this address on it:",
    lines,
  );
  console.draw(qrCode(urls[0]));
}
