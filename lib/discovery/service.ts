/**
 * What a sender announces of a camera: the service, and the fields of its TXT record.
 *
 * @module
 */

import { cut, safeText } from "../base/text.ts";
import type { Name } from "./dns_message.ts";

/** The service type (RFC 6763 section 7), as labels. */
export const SERVICE: Name = ["_camcat", "_tcp", "local"];

/** The longest text of a TXT record, `NAME=VALUE` (RFC 6763 section 6.1). */
const MAX_TEXT_BYTES = 255;

/** What the TXT record of a camera says. */
export interface ServiceInfo {
  /** The version of the protocol that the sender speaks. */
  version: number;
  /** The camera's name, by which a receiver asks for it; undefined if it is too long for a record. */
  camera: string | undefined;
  /** Whether only viewers with the key can watch. */
  needsKey: boolean;
  /** The public identifier of the key; undefined if there is none. */
  id: string | undefined;
  /** The port of the page; undefined if other machines cannot open it. */
  httpPort: number | undefined;
  /** Whether it is no camera, but somebody who waits for calls. */
  isCall: boolean;
}

/** The fields of the TXT record. */
export function infoFields(info: ServiceInfo): Record<string, string> {
  const fields = {
    v: `${info.version}`,
    key: info.needsKey ? "needed" : "none",
    id: info.id,
    http: info.httpPort?.toString(),
    call: info.isCall ? "waiting" : undefined,
    camera: info.camera,
  };
  const isRight = ([name, value]: [string, string | undefined]) =>
    value !== undefined && new TextEncoder().encode(`${name}=${value}`).length <= MAX_TEXT_BYTES;
  return Object.fromEntries(Object.entries(fields).filter(isRight)) as Record<string, string>;
}

/** Reads a TXT record. @returns undefined if it is none of a camera */
export function readInfo(texts: readonly Uint8Array[]): ServiceInfo | undefined {
  const fields = new Map<string, string>();
  for (const text of texts) {
    const [, name, value] =
      /^([\x20-\x3c\x3e-\x7e]+)=(.*)$/s.exec(new TextDecoder().decode(text)) ?? [];
    // Names are case-insensitive, and the first of several counts (RFC 6763 section 6.4).
    if (name !== undefined && !fields.has(name.toLowerCase())) {
      fields.set(name.toLowerCase(), value);
    }
  }
  const [version, key, id, http, call, camera] = ["v", "key", "id", "http", "call", "camera"]
    .map((name) => fields.get(name));
  if (!/^[1-9]\d{0,3}$/.test(version ?? "")) return undefined;
  const needsKey = key !== "none";
  return {
    version: Number(version),
    camera: camera === undefined ? undefined : safeText(cut(camera)),
    needsKey,
    id: needsKey && /^[0-9a-f]{32}$/.test(id ?? "") ? id : undefined,
    httpPort: /^\d{1,5}$/.test(http ?? "") && Number(http) < 65_536 ? Number(http) : undefined,
    isCall: call === "waiting",
  };
}
