/**
 * How to connect to a broker: as its URL, the environment and a certificate file say.
 *
 * @module
 */

import { CamcatError, UsageError, wordsOf } from "../base/errors.ts";
import type { BrokerUrl } from "./broker_url.ts";
import type { ConnectionOptions } from "../redis/connection.ts";

/**
 * The login of the URL, or else of `CAMCAT_REDIS_USER` and `CAMCAT_REDIS_PASSWORD`.
 *
 * @param authority a file with the only certificate authority to trust (PEM)
 * @throws {UsageError} if there is an authority, but no encryption
 * @throws {CamcatError} if its file cannot be read
 */
export function connectionOf(
  { tls, user, password }: BrokerUrl,
  authority: string | undefined,
): ConnectionOptions {
  if (authority !== undefined && !tls) {
    throw new UsageError(
      "Cannot use --broker-ca without encryption: the URL must begin with rediss:",
    );
  }
  return {
    tls,
    user: user ?? (Deno.env.get("CAMCAT_REDIS_USER") || undefined),
    password: password ?? (Deno.env.get("CAMCAT_REDIS_PASSWORD") || undefined),
    authorities: authority === undefined ? undefined : readAuthority(authority),
  };
}

function readAuthority(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    const reason = wordsOf(cause);
    throw new CamcatError(`Cannot read the certificate authority ${path}: ${reason}`, { cause });
  }
}
