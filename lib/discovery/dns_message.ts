/**
 * DNS messages from anybody on the network: the few records that finding needs.
 *
 * @module
 */

/** Record types (RFC 1035 section 3.2, RFC 3596, RFC 2782). */
export const TYPE = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const;

/** A name: its labels, which may contain any character, also a dot. */
export type Name = readonly string[];

/** A question for records of one type. */
export interface Question {
  /** Whose records. */
  name: Name;
  /** One of {@linkcode TYPE}, or another. */
  type: number;
  /** Whether the answer may go to the asker alone (RFC 6762 section 5.4). */
  wantsUnicast: boolean;
}

/** A record. */
export type DnsRecord =
  & {
    /** Whose record. */
    name: Name;
    /** How long it holds, in seconds; 0 says goodbye (RFC 6762 section 10.1). */
    ttl: number;
  }
  & (
    | { type: "PTR"; target: Name }
    | { type: "SRV"; target: Name; port: number }
    | { type: "TXT"; texts: Uint8Array[] }
    | { type: "address"; address: string }
  );

/** The longest message (RFC 6762 section 17). */
export const MAX_MESSAGE_BYTES = 9000;
/** Questions and records that are read of one message; an answer of a camera has less than 20. */
const MAX_RECORDS = 256;
/** The longest name with its lengths (RFC 1035 section 2.3.4). */
const MAX_NAME_BYTES = 255;
/** Labels of a name that are kept. Ours have fewer, so that one with more is none of ours. */
const MAX_LABELS = 8;

const UTF8 = new TextDecoder();

/** A message that was read. */
export interface DnsMessage {
  /** Its number, which answers to a query from another port than 5353 repeat. */
  id: number;
  /** Whether it is an answer, and not a query. */
  isAnswer: boolean;
  /** What is asked. */
  questions: Question[];
  /** The records of the answer; in a query those that the asker knows already. */
  answers: DnsRecord[];
  /** In a query: the records that the asker wants to have for itself (RFC 6762 section 8.2). */
  authorities: DnsRecord[];
  /** Records that help. */
  additionals: DnsRecord[];
}

/**
 * Reads a message. Records of other types, and what follows the first damage, are left out.
 *
 * @returns undefined if it is none, or one that reports an error
 */
export function readMessage(bytes: Uint8Array): DnsMessage | undefined {
  if (bytes.length < 12 || bytes.length > MAX_MESSAGE_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint16(2);
  if ((flags & 0x780f) !== 0) return undefined; // opcode and error code (RFC 6762 section 18)
  const message: DnsMessage = {
    id: view.getUint16(0),
    isAnswer: (flags & 0x8000) !== 0,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
  };
  const reader = new Reader(view, 12);
  let left = MAX_RECORDS;
  const count = (at: number) => {
    const count = Math.min(view.getUint16(at), left);
    left -= count;
    return count;
  };
  try {
    for (let rest = count(4); rest > 0; rest--) message.questions.push(reader.question());
    const sections = [message.answers, message.authorities, message.additionals];
    for (const [index, section] of sections.entries()) {
      for (let rest = count(6 + 2 * index); rest > 0; rest--) {
        const record = reader.record();
        if (record !== undefined) section.push(record);
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return message;
}

/** Reads one piece after another. Every method throws a RangeError where the message is damaged. */
class Reader {
  #view: DataView;
  #at: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  /** A name; its end may be that of a name before it (RFC 1035 section 4.1.4). */
  name(): string[] {
    const labels: string[] = [];
    let total = 1;
    let end: number | undefined;
    // A pointer leads back, and each further than the one before: so there is no loop.
    for (let start = this.#at;;) {
      const length = this.#view.getUint8(this.#at++);
      if (length === 0) break;
      if (length >= 0xc0) {
        const target = (length & 0x3f) << 8 | this.#view.getUint8(this.#at++);
        end ??= this.#at;
        if (target >= start) throw new RangeError("the pointer does not lead back");
        start = this.#at = target;
      } else {
        total += length + 1;
        if (length >= 0x40 || total > MAX_NAME_BYTES) throw new RangeError("the name is too long");
        const label = this.#bytes(length);
        if (labels.length < MAX_LABELS) labels.push(UTF8.decode(label));
      }
    }
    if (end !== undefined) this.#at = end;
    return labels;
  }

  question(): Question {
    const name = this.name();
    const type = this.#view.getUint16(this.#at);
    const wantsUnicast = (this.#view.getUint16(this.#at + 2) & 0x8000) !== 0;
    this.#at += 4;
    return { name, type, wantsUnicast };
  }

  /** A record; undefined if it is of another type or class. */
  record(): DnsRecord | undefined {
    const name = this.name();
    const type = this.#view.getUint16(this.#at);
    const isInternet = (this.#view.getUint16(this.#at + 2) & 0x7fff) === 1; // without cache-flush
    const ttl = this.#view.getUint32(this.#at + 4);
    const length = this.#view.getUint16(this.#at + 8);
    this.#at += 10;
    const end = this.#at + length;
    if (end > this.#view.byteLength) throw new RangeError("the record is cut off");
    const data = isInternet ? this.#data(type, end) : undefined;
    this.#at = end;
    return data && { name, ttl, ...data };
  }

  #data(type: number, end: number) {
    switch (type) {
      case TYPE.PTR:
        return { type: "PTR", target: this.name() } as const;
      case TYPE.SRV: {
        const port = this.#view.getUint16(this.#at + 4); // after priority and weight
        this.#at += 6;
        return { type: "SRV", target: this.name(), port } as const;
      }
      case TYPE.TXT: {
        const texts: Uint8Array[] = [];
        while (this.#at < end) texts.push(this.#bytes(this.#view.getUint8(this.#at++)));
        return { type: "TXT", texts } as const;
      }
      case TYPE.A:
        return { type: "address", address: this.#bytes(4).join(".") } as const;
      case TYPE.AAAA: {
        const groups = Array.from(
          { length: 8 },
          (_, index) => this.#view.getUint16(this.#at + 2 * index),
        );
        // A URL writes it as everybody does (RFC 5952).
        const { hostname } = new URL(`http://[${groups.map((it) => it.toString(16)).join(":")}]`);
        return { type: "address", address: hostname.slice(1, -1) } as const;
      }
      default:
        return undefined;
    }
  }

  #bytes(count: number): Uint8Array {
    if (this.#at + count > this.#view.byteLength) throw new RangeError("the text is cut off");
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#at, count);
    this.#at += count;
    return bytes;
  }
}

/** A name for comparison: DNS names are case-insensitive. */
export function nameKey(name: Name): string {
  return name.join("\0").toLowerCase();
}
