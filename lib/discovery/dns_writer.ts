/**
 * Writing DNS messages (RFC 1035 section 4.1), without compression.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { type Name, TYPE } from "./dns_message.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const UTF8 = new TextEncoder();

/** A record to write. */
export interface Resource {
  /** Whose record. */
  name: Name;
  /** One of {@linkcode TYPE}. */
  type: number;
  /** Whether others may have records of that name and type too (RFC 6762 section 2). */
  isShared: boolean;
  /** The encoded value. */
  data: Bytes;
}

/** A message to write. */
export interface Message {
  /** Its number. @default {0} */
  id?: number;
  /** Whether it is an answer. */
  isAnswer: boolean;
  /** What is asked, or repeated from the query. */
  questions?: readonly { name: Name; type: number; wantsUnicast?: boolean }[];
  /** The records of the answer. */
  answers?: readonly Resource[];
  /** In a query: the records that the asker wants to have for itself. */
  authorities?: readonly Resource[];
  /** Records that help. */
  additionals?: readonly Resource[];
  /** How long the records hold, in seconds; 0 says goodbye. @default {120} */
  ttl?: number;
  /** Whether unshared records replace what others know (RFC 6762 section 10.2). @default {false} */
  replaces?: boolean;
}

/** Response, authoritative (RFC 6762 section 18). */
const ANSWER_FLAGS = 0x8400;
const CLASS_INTERNET = 1;
/** The top bit of a class: in a question the wish for unicast, in a record cache-flush. */
const TOP_BIT = 0x8000;

/** Writes a message. */
export function encodeMessage(message: Message): Bytes {
  const { id = 0, isAnswer, questions = [], ttl = 120, replaces = false } = message;
  const sections = [message.answers, message.authorities, message.additionals].map((it) =>
    it ?? []
  );
  const counts = [questions, ...sections].map(({ length }) => u16(length));
  return concat([
    u16(id),
    u16(isAnswer ? ANSWER_FLAGS : 0),
    ...counts,
    ...questions.flatMap(({ name, type, wantsUnicast }) => [
      encodeName(name),
      u16(type),
      u16(CLASS_INTERNET | (wantsUnicast ? TOP_BIT : 0)),
    ]),
    ...sections.flat().flatMap(({ name, type, isShared, data }) => [
      encodeName(name),
      u16(type),
      u16(CLASS_INTERNET | (replaces && !isShared ? TOP_BIT : 0)),
      u16(0),
      u16(ttl),
      u16(data.length),
      data,
    ]),
  ]) as Bytes;
}

/** Writes a name; each label has at most 63 bytes. */
export function encodeName(name: Name): Bytes {
  return concat([...name.map(encodeText), new Uint8Array(1)]) as Bytes;
}

/** The value of a SRV record (RFC 2782). */
export function encodeService(port: number, host: Name): Bytes {
  return concat([u16(0), u16(0), u16(port), encodeName(host)]) as Bytes;
}

/** The value of a TXT record: each text has at most 255 bytes. */
export function encodeTexts(texts: readonly (string | Uint8Array)[]): Bytes {
  return texts.length === 0 ? new Uint8Array(1) : concat(texts.map(encodeText)) as Bytes;
}

/** The record of an IP address, as `Deno.networkInterfaces` writes it. */
export function addressRecord(name: Name, address: string): Resource {
  const isShared = false;
  if (!address.includes(":")) {
    return { name, type: TYPE.A, isShared, data: Uint8Array.from(address.split("."), Number) };
  }
  const [start, end] = address.replace(/%.*$/, "").split("::").map((part) =>
    part ? part.split(":") : []
  );
  const zeros = Array(8 - start.length - (end?.length ?? 0)).fill("0");
  const groups = [...start, ...zeros, ...end ?? []].map((group) => u16(parseInt(group, 16)));
  return { name, type: TYPE.AAAA, isShared, data: concat(groups) as Bytes };
}

function encodeText(text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === "string" ? UTF8.encode(text) : text;
  return concat([Uint8Array.of(bytes.length), bytes]);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
