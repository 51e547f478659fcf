/**
 * Serves the page from which browsers call.
 *
 * @module
 */

import { ownHostNames } from "../http/origin.ts";
import { type HttpServing, serveSite } from "../http/server.ts";
import type { CallOptions } from "../options/call_options.ts";
import type { Console } from "../program/console.ts";
import type { Address } from "../protocol/address.ts";
import { isLocal } from "../report/connect_instructions.ts";
import { reportRefused } from "../report/key_report.ts";
import { reportLinkedPage } from "../report/linked_page_report.ts";
import { reportShortage } from "../report/shortage_report.ts";
import { callSecretsOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";
import { pageCertificate } from "../sources/page_certificate.ts";
import { CallSite } from "./call_site.ts";
import type { Waiting } from "./waiting.ts";

/** What {@linkcode servePage} needs. */
export interface ServePageOptions {
  /** Where to listen. */
  address: Address;
  /** What the user says about certificate and names. */
  options: Pick<CallOptions, "http-host" | "tls-cert" | "tls-key">;
  /** What the token is derived from. */
  key: Key;
  /** How long a lost line is waited for, in milliseconds. */
  waitMs: number;
  /** Where the link is shown. */
  console: Console;
  /** Stops it. */
  signal: AbortSignal;
}

/**
 * Serves the page, and says where it is. It is https, because browsers give camera and microphone
 * to no other page, except on their own machine.
 *
 * @throws {CamcatError} if it cannot listen there, or with that certificate
 */
export async function servePage(
  waiting: Waiting,
  { address, options, key, waitMs, console, signal }: ServePageOptions,
): Promise<HttpServing> {
  const { "http-host": names = [] } = options;
  const secrets = await callSecretsOf(key);
  const isPlain = isLocal(address) && options["tls-cert"] === undefined;
  const { certificate, fingerprint } = isPlain ? {} : await pageCertificate(options, console);
  const serving = serveSite(
    (where) =>
      new CallSite(waiting, {
        ...where,
        secrets,
        waitMs,
        names: [...names, ...ownHostNames()],
        onRefused: reportRefused(console),
      }),
    { address, certificate, signal, onShortage: reportShortage(console) },
    "--page",
  );
  reportLinkedPage(console, {
    page: "call",
    scheme: isPlain ? "http" : "https",
    address: serving.address,
    names,
    token: secrets.token,
    fingerprint,
  });
  return serving;
}
