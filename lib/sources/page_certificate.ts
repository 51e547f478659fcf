/**
 * The certificate of a page that a browser shows its camera to.
 *
 * @module
 */

import { CamcatError, messageOf } from "../base/errors.ts";
import type { Certificate } from "../http/https.ts";
import type { SenderOptions } from "../options/sender_options.ts";
import { certificateIn, ownNames } from "../phone/certificate_file.ts";
import { makeCertificate } from "../phone/own_certificate.ts";
import type { Console } from "../program/console.ts";
import { Keyring } from "../security/keyring.ts";
import { userCertificate } from "./user_certificate.ts";

/**
 * The user's certificate, or our own: kept in the user's folder, if there is one.
 *
 * @returns `fingerprint`: the SHA-256 of our own, as browsers show it
 * @throws {CamcatError} if a file of the user cannot be read
 */
export async function pageCertificate(
  options: Pick<SenderOptions, "tls-cert" | "tls-key" | "http-host">,
  console: Console,
): Promise<{ certificate: Certificate; fingerprint?: string }> {
  const given = userCertificate(options);
  if (given !== undefined) return { certificate: given };
  const names = [...ownNames(Deno.hostname()), ...options["http-host"] ?? []];
  let own;
  try {
    own = await certificateIn(Keyring.ofUser().certificateFile, names);
  } catch (error) {
    if (!(error instanceof CamcatError)) throw error;
    console.warn(
      { event: "not-kept", reason: error.message },
      `${messageOf(error)}. The browser will warn again after the next start`,
    );
    own = await makeCertificate(names);
  }
  return { certificate: own, fingerprint: own.fingerprint };
}
