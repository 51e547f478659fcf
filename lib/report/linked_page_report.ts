/**
 * Tells people which link to open in a browser: to make a phone the camera, or to call.
 *
 * @module
 */

import type { Console } from "../program/console.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import { reachableAddresses } from "../security/listen.ts";
import { pageAddresses } from "./connect_instructions.ts";
import { qrCode } from "./qr.ts";

/** What people are told of each page, and the event of `--json`. */
const PAGES = {
  phone: {
    event: "phone",
    text: "To make a phone the camera, scan this code, or open this address on it:",
  },
  call: {
    event: "page",
    text: "To call from a browser, open this address there, or scan this code:",
  },
};

/** What {@linkcode reportLinkedPage} tells. */
export interface LinkedPage {
  /** Which page it is. */
  page: "phone" | "call";
  /** `https`, or `http` on this machine. */
  scheme: "http" | "https";
  /** Where it is. */
  address: Address;
  /** Host names to use in place of addresses. */
  names: readonly string[];
  /** What the browser shows to be let in. */
  token: string;
  /** The SHA-256 of our own certificate; undefined for one of an authority, or none. */
  fingerprint: string | undefined;
}

/** Reports where a page is that only a link opens, with a QR code, and what browsers warn of. */
export function reportLinkedPage(
  console: Console,
  { page, scheme, address, names, token, fingerprint }: LinkedPage,
): void {
  const addresses = names.length > 0
    ? names.map((hostname) => formatAddress({ hostname, port: address.port }))
    : reachableAddresses(address);
  const shown = console.isTerminal ? token : "TOKEN";
  const urls = pageAddresses({ addresses, key: shown, scheme });
  const lines = urls.map((url) => `  ${url}`);
  if (!console.isTerminal) {
    lines.push(`To see TOKEN, run \`sender --show-token ${page}\` on this machine`);
  }
  if (fingerprint !== undefined) {
    lines.push(
      "The browser will say that the connection is not private, because no authority has signed",
      "the certificate. Go on all the same: Advanced, then Proceed (Chrome, Android); Show",
      "Details, then visit this website (Safari, iPhone). To be sure that it is this machine,",
      `compare the SHA-256 fingerprint of the certificate: ${fingerprint}`,
    );
  }
  console.event(
    {
      event: PAGES[page].event,
      port: address.port,
      urls: pageAddresses({ addresses, key: undefined, scheme }),
      fingerprint: fingerprint ?? null,
    },
    PAGES[page].text,
    lines,
  );
  console.draw(qrCode(urls[0]));
}
