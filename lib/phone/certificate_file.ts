/**
 * The sender's own certificate for https, kept in a file: a phone whose user has accepted it is not
 * asked again.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { readPrivate, withLock, writePrivate } from "../security/private_file.ts";
import { makeCertificate, type OwnCertificate } from "./own_certificate.ts";

/** A certificate that ends sooner is replaced, in milliseconds. */
const RENEW_MS = 30 * 24 * 60 * 60 * 1000;
/** Names that are kept: this machine may come back to a network that it was in before. */
const MAX_NAMES = 40;

/**
 * The certificate in a file; a new one if there is none, it ends soon, or lacks one of the names.
 *
 * @param path the file; only its owner may read it
 * @param names the host names and IP addresses of this machine
 * @param now in milliseconds since the Unix epoch
 * @throws {CamcatError} if the file cannot be read or written
 */
export async function certificateIn(
  path: string,
  names: string[],
  now: number = Date.now(),
): Promise<OwnCertificate> {
  const kept = read(path);
  const isGood = kept !== undefined && kept.endsAt - now > RENEW_MS &&
    names.every((name) => isFleeting(name) || kept.names.includes(name));
  if (isGood) return kept;
  const all = [...new Set([...names, ...kept?.names ?? []])].slice(0, MAX_NAMES);
  const made = await makeCertificate(all, now);
  withLock(path, () => writePrivate(path, JSON.stringify(made, undefined, 2) + "\n"));
  return made;
}

/** Whether it is an IPv6 address: many change every day (RFC 8981), and would make a new warning. */
function isFleeting(name: string): boolean {
  return name.includes(":");
}

/** What is in the file; undefined if there is none, or it is empty or of another kind. */
function read(path: string): OwnCertificate | undefined {
  const text = readPrivate(path);
  if (text === undefined || /^[\s\0]*$/.test(text)) return undefined;
  try {
    const { cert, key, names, endsAt, fingerprint } = JSON.parse(text);
    const isRight = [cert, key, fingerprint].every((field) => typeof field === "string") &&
      Array.isArray(names) && names.every((name) => typeof name === "string") &&
      typeof endsAt === "number";
    return isRight ? { cert, key, names, endsAt, fingerprint } : undefined;
  } catch (cause) {
    throw new CamcatError(`Cannot read ${path}: it is damaged. Delete it`, { cause });
  }
}

/** The names and addresses by which others may reach this machine. */
export function ownNames(hostname: string, interfaces = Deno.networkInterfaces()): string[] {
  const addresses = interfaces
    .map(({ address }) => address)
    .filter((address) => !/^(fe80:|::1$|127\.)/i.test(address));
  return ["localhost", hostname, `${hostname}.local`, "127.0.0.1", ...addresses];
}
