/**
 * The certificate that the user gives.
 *
 * @module
 */

import { CamcatError, messageOf, UsageError } from "../base/errors.ts";
import type { Certificate } from "../http/https.ts";
import type { SenderOptions } from "../options/sender_options.ts";

/** The options that name a certificate. */
export type CertificateOptions = Pick<SenderOptions, "tls-cert" | "tls-key">;

/**
 * Checks that a certificate and its key are given together.
 *
 * @throws {UsageError} if not
 */
export function checkCertificateOptions(
  { "tls-cert": cert, "tls-key": key }: CertificateOptions,
): void {
  if ((cert === undefined) === (key === undefined)) return;
  const [given, missing] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
  throw new UsageError(`Cannot use --tls-${given} without --tls-${missing}`);
}

/**
 * Reads the files of `--tls-cert` and `--tls-key`; undefined without these options.
 *
 * @throws {CamcatError} if a file cannot be read
 */
export function userCertificate(
  { "tls-cert": cert, "tls-key": key }: CertificateOptions,
): Certificate | undefined {
  if (cert === undefined || key === undefined) return undefined;
  return { cert: readText(cert, "certificate"), key: readText(key, "private key") };
}

function readText(path: string, what: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new CamcatError(`Cannot read the ${what} ${path}: ${messageOf(cause)}`, { cause });
  }
}
