/**
 * The certificate that the user gives.
 *
 * @module
 */

import { CamcatError, messageOf } from "../base/errors.ts";
import type { Certificate } from "../http/https.ts";
import type { SenderOptions } from "../options/sender_options.ts";

/**
 * Reads the files of `--tls-cert` and `--tls-key`; undefined without these options.
 *
 * @throws {CamcatError} if a file cannot be read
 */
export function userCertificate(
  { "tls-cert": cert, "tls-key": key }: Pick<SenderOptions, "tls-cert" | "tls-key">,
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
