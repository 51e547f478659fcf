/**
 * A certificate for https that no authority has signed: the sender makes it for itself.
 *
 * Browsers accept it once their user has. It is not that of `security/certificate.ts`: browsers
 * accept no Ed25519 in TLS, and they want the names by which they reach the sender.
 *
 * @module
 */

import type { Certificate } from "../http/https.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { bitString, context, der, integer, oid, sequence, Tag, time, utf8String } from "./der.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long it is valid: Apple's systems accept 825 days at most (support.apple.com/103769). */
const VALID_MS = 800 * DAY_MS;
/** How long it has been valid when it is made: clocks of phones and cameras differ. */
const BEFORE_MS = 2 * DAY_MS;

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** ecdsa-with-SHA256 (RFC 5758 section 3.2). */
const SIGNATURE_ALGORITHM = sequence(oid("1.2.840.10045.4.3.2"));
const COMMON_NAME = oid("2.5.4.3");

/** A certificate that was made here. */
export interface OwnCertificate extends Certificate {
  /** The host names and IP addresses that it is for. */
  names: string[];
  /** When it ends, in milliseconds since the Unix epoch. */
  endsAt: number;
  /** Its SHA-256 in hexadecimal, as browsers show it. */
  fingerprint: string;
}

/**
 * Makes a certificate with a key of its own (ECDSA, P-256).
 *
 * @param names host names and IP addresses
 * @param now in milliseconds since the Unix epoch
 */
export async function makeCertificate(
  names: string[],
  now: number = Date.now(),
): Promise<OwnCertificate> {
  const keys = await crypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
  const endsAt = now + VALID_MS;
  const name = sequence(der(Tag.SET, sequence(COMMON_NAME, utf8String("camcat"))));
  // RFC 5280 section 4.1.
  const signed = sequence(
    der(context(0, true), integer(Uint8Array.of(2))), // version 3
    integer(crypto.getRandomValues(new Uint8Array(16))), // serialNumber
    SIGNATURE_ALGORITHM,
    name, // issuer
    sequence(time(now - BEFORE_MS), time(endsAt)),
    name, // subject
    new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)),
    der(context(3, true), sequence(...extensions(names))),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(ECDSA, keys.privateKey, signed));
  const certificate = sequence(signed, SIGNATURE_ALGORITHM, bitString(ecdsaValue(signature)));
  const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    cert: pem("CERTIFICATE", certificate),
    key: pem("PRIVATE KEY", privateKey),
    names,
    endsAt,
    fingerprint: await fingerprintOf(certificate),
  };
}

/** The extensions (RFC 5280 section 4.2.1); iOS wants the last but one. */
function extensions(names: string[]): Bytes[] {
  const critical = der(Tag.BOOLEAN, Uint8Array.of(0xff));
  const extension = (id: string, value: Bytes, ...flags: Bytes[]) =>
    sequence(oid(id), ...flags, der(Tag.OCTET_STRING, value));
  return [
    extension("2.5.29.19", sequence(), critical), // basicConstraints: no authority
    // keyUsage: digitalSignature, the first of 8 bits.
    extension("2.5.29.15", der(Tag.BIT_STRING, Uint8Array.of(7, 0x80)), critical),
    extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))), // extKeyUsage: serverAuth
    extension("2.5.29.17", sequence(...names.map(alternativeName))),
  ];
}

/** A name in the subjectAltName: an iPAddress, or a dNSName. */
function alternativeName(name: string): Bytes {
  const address = addressBytes(name);
  return address === undefined
    ? der(context(2, false), new TextEncoder().encode(name))
    : der(context(7, false), address);
}

/** The bytes of an IP address; undefined if it is a host name. */
function addressBytes(name: string): Uint8Array | undefined {
  if (/^\d+(\.\d+){3}$/.test(name)) return Uint8Array.from(name.split(".").map(Number));
  if (!name.includes(":")) return undefined;
  const [head, tail = ""] = name.split("::");
  const groups = (text: string) => text.split(":").filter(Boolean);
  const zeros = name.includes("::") ? 8 - groups(head).length - groups(tail).length : 0;
  const all = [...groups(head), ...Array<string>(Math.max(0, zeros)).fill("0"), ...groups(tail)];
  return Uint8Array.from(all.flatMap((group) => {
    const number = parseInt(group, 16);
    return [number >> 8, number & 0xff];
  }));
}

/** An ECDSA signature of WebCrypto, r and s of 32 bytes each, as in certificates (RFC 3279). */
function ecdsaValue(signature: Uint8Array): Bytes {
  return sequence(integer(signature.subarray(0, 32)), integer(signature.subarray(32)));
}

/** The SHA-256 of a certificate: `AB:CD:...`. */
export async function fingerprintOf(certificate: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
  return digest.toHex().toUpperCase().match(/../g)!.join(":");
}

/** RFC 7468: base64 in lines of 64 characters. */
function pem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
