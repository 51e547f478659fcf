/**
 * DNS messages, byte by byte.
 *
 * @module
 */

import { join } from "./jpegs.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const UTF8 = new TextEncoder();

export function u16(value: number): Bytes {
  return Uint8Array.of(value >> 8, value & 255);
}

/** A name as labels. */
export function dnsName(...labels: string[]): Bytes {
  const parts = labels.map((label) => UTF8.encode(label));
  return join(...parts.flatMap((part) => [Uint8Array.of(part.length), part]), Uint8Array.of(0));
}

/** A name that ends where another begins. */
export function pointer(offset: number): Bytes {
  return u16(0xc000 | offset);
}

export interface RecordOptions {
  ttl?: number;
  dnsClass?: number;
}

export function record(
  name: Bytes,
  type: number,
  data: Bytes,
  { ttl = 120, dnsClass = 1 }: RecordOptions = {},
): Bytes {
  const head = [u16(type), u16(dnsClass), u16(0), u16(ttl), u16(data.length)];
  return join(name, ...head, data);
}

/** A message with these answers. */
export function answer(records: Bytes[], flags = 0x8400, count = records.length): Bytes {
  return join(u16(0), u16(flags), u16(0), u16(count), u16(0), u16(0), ...records);
}

export interface CameraOptions extends RecordOptions {
  name?: string;
  host?: string;
  port?: number;
  addresses?: string[];
  txt?: string[];
}

/** The records by which a sender announces a camera. */
export function cameraRecords({
  name = "door",
  host = "pi",
  port = 9000,
  addresses = [],
  txt = ["v=1", "key=needed", `id=${"ab".repeat(16)}`, `camera=${name}`],
  ...options
}: CameraOptions = {}): Bytes[] {
  const service = ["_camcat", "_tcp", "local"];
  const instance = dnsName(name, ...service);
  const texts = txt.map((text) => UTF8.encode(text))
    .flatMap((text) => [Uint8Array.of(text.length), text]);
  return [
    record(dnsName(...service), 12, instance, options),
    record(instance, 33, join(u16(0), u16(0), u16(port), dnsName(host, "local")), options),
    record(instance, 16, join(...texts), options),
    ...addresses.map((address) =>
      record(dnsName(host, "local"), 1, Uint8Array.from(address.split("."), Number), options)
    ),
  ];
}
