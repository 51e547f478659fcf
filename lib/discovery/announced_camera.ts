/**
 * A camera as a service on the network: its name there, and its records.
 *
 * @module
 */

import { safeText } from "../base/text.ts";
import { type DnsRecord, type Name, nameKey, TYPE } from "./dns_message.ts";
import { encodeName, encodeService, encodeTexts, type Resource } from "./dns_writer.ts";
import { infoFields, SERVICE, type ServiceInfo } from "./service.ts";

/** A longer label cannot be sent (RFC 1035 section 2.3.4); a number may follow. */
const MAX_LABEL_BYTES = 63 - " (999)".length;

/** A camera to announce. */
export interface Announced {
  /** Its name. */
  name: string;
  /** The port where its sender listens. */
  port: number;
  /** What else others are told; the name is added. */
  info: Omit<ServiceInfo, "camera">;
}

/** A camera with a name that may have to change, because another machine has it. */
export class AnnouncedCamera {
  /** Whether the name is its own: nobody has objected. */
  isClaimed = false;

  #label: string;
  #number = 1;
  #port: number;
  #host: Name;
  #texts: string[];

  /** @param host the name of this sender, for its addresses */
  constructor({ name, port, info }: Announced, host: Name) {
    this.#label = labelOf(name);
    this.#port = port;
    this.#host = host;
    this.#texts = Object.entries(infoFields({ ...info, camera: name }))
      .map(([field, value]) => `${field}=${value}`);
  }

  /** Its name on the network. */
  get name(): Name {
    const suffix = this.#number === 1 ? "" : ` (${this.#number})`;
    return [this.#label + suffix, ...SERVICE];
  }

  /** Takes another name. */
  rename(): void {
    this.#number = this.#number % 999 + 1;
  }

  /** The record that others find it by. */
  get pointer(): Resource {
    return { name: SERVICE, type: TYPE.PTR, isShared: true, data: encodeName(this.name) };
  }

  /** Where it is and what it is. */
  get details(): Resource[] {
    const { name } = this;
    const text = { name, type: TYPE.TXT, isShared: false, data: encodeTexts(this.#texts) };
    const data = encodeService(this.#port, this.#host);
    return [text, { name, type: TYPE.SRV, isShared: false, data }];
  }

  /** Whether a record of another machine says that the name is that machine's. */
  isDeniedBy(record: DnsRecord): boolean {
    if (record.ttl === 0 || nameKey(record.name) !== nameKey(this.name)) return false;
    const data = dataOf(record);
    const own = this.details.find(({ type }) => type === TYPE[record.type as "SRV"])?.data;
    return data !== undefined && own !== undefined && data.toHex() !== own.toHex();
  }

  /**
   * Whether another machine, which wants the name at the same time, gets it: the one whose records
   * are greater (RFC 6762 section 8.2).
   */
  yieldsTo(authorities: readonly DnsRecord[]): boolean {
    const theirs = authorities.filter(({ name }) => nameKey(name) === nameKey(this.name))
      .map((record) => dataOf(record)).filter((data) => data !== undefined);
    if (theirs.length === 0) return false;
    const [own, their] = [this.details.map(({ data }) => data), theirs]
      .map((all) => all.map((data) => data.toHex()).join(" "));
    return own < their;
  }
}

/** A camera's name as a label: a dot could be taken for the end of one. */
export function labelOf(name: string): string {
  const text = safeText(name).replaceAll(".", "_").trim() || "camera";
  let [length, label] = [0, ""];
  for (const character of text) {
    length += new TextEncoder().encode(character).length;
    if (length > MAX_LABEL_BYTES) break;
    label += character;
  }
  return label;
}

/** The encoded value of a record that was read; undefined if it is none of a service. */
function dataOf(record: DnsRecord): Uint8Array | undefined {
  if (record.type === "SRV") return encodeService(record.port, record.target);
  return record.type === "TXT" ? encodeTexts(record.texts) : undefined;
}
