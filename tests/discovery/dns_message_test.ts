// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import {
  type DnsRecord,
  MAX_MESSAGE_BYTES,
  readMessage,
  TYPE,
} from "../../lib/discovery/dns_message.ts";
import { answer, cameraRecords, dnsName, pointer, record, u16 } from "../support/dns.ts";
import { join } from "../support/jpegs.ts";

/** The records of an answer. */
function recordsOf(bytes: Uint8Array): DnsRecord[] {
  const message = readMessage(bytes);
  return message?.isAnswer ? [...message.answers, ...message.additionals] : [];
}

Deno.test("readMessage() reads names, ports, texts and addresses", () => {
  const name = "Tür 1.2";
  const records = [
    ...cameraRecords({ name, addresses: ["192.0.2.7"], dnsClass: 0x8001 }),
    record(
      dnsName("pi", "local"),
      TYPE.AAAA,
      Uint8Array.fromHex("20010db8" + "0".repeat(23) + "7"),
    ),
  ];
  const instance = [name, "_camcat", "_tcp", "local"];
  const host = ["pi", "local"];
  assertEquals(recordsOf(answer(records)).map((it) => it.type === "TXT" ? it.texts.length : it), [
    { name: ["_camcat", "_tcp", "local"], ttl: 120, type: "PTR", target: instance },
    { name: instance, ttl: 120, type: "SRV", target: host, port: 9000 },
    4,
    { name: host, ttl: 120, type: "address", address: "192.0.2.7" },
    { name: host, ttl: 120, type: "address", address: "2001:db8::7" },
  ]);
});

Deno.test("readMessage() follows pointers back, and skips questions and other records", () => {
  const question = join(dnsName("_camcat", "_tcp", "local"), u16(TYPE.PTR), u16(1)); // at 12
  const target = join(Uint8Array.of(1, 0x61), pointer(12));
  const other = record(pointer(12), 47, Uint8Array.of(1, 2, 3));
  const chaos = record(pointer(12), TYPE.PTR, target, { dnsClass: 3 });
  const records = [other, chaos, record(pointer(12), TYPE.PTR, target)];
  const bytes = join(
    u16(0),
    u16(0x8400),
    u16(1),
    u16(0),
    u16(0),
    u16(records.length),
    question,
    ...records,
  );
  const service = ["_camcat", "_tcp", "local"];
  assertEquals(recordsOf(bytes), [
    { name: service, ttl: 120, type: "PTR", target: ["a", ...service] },
  ]);
});

Deno.test("readMessage() leaves out what is damaged or too much, and never hangs", () => {
  const good = record(dnsName("a"), TYPE.PTR, dnsName("b"));
  const cases: [string, Uint8Array, number][] = [
    ["no message", new Uint8Array(11), 0],
    ["a query", answer([good], 0x0000), 0],
    ["an error", answer([good], 0x8003), 0],
    ["another opcode", answer([good], 0x8800), 0],
    [
      "a pointer to itself",
      answer([good, record(pointer(12 + good.length), TYPE.PTR, dnsName("b"))]),
      1,
    ],
    ["a pointer ahead", answer([good, record(pointer(500), TYPE.PTR, dnsName("b"))]), 1],
    [
      "a label of 64 bytes",
      answer([good, record(Uint8Array.of(64, 1), TYPE.PTR, dnsName("b"))]),
      1,
    ],
    [
      "a name of 256 bytes",
      answer([good, record(dnsName(..."x".repeat(128)), TYPE.PTR, dnsName("b"))]),
      1,
    ],
    ["a record that is cut off", answer([good, good]).subarray(0, -1), 1],
    ["fewer records than it says", answer([good], 0x8400, 65_535), 1],
    ["a text beyond its record", answer([record(dnsName("a"), TYPE.TXT, Uint8Array.of(200))]), 0],
    ["too many records", answer(Array(400).fill(good)), 256],
    ["too many bytes", join(answer([good]), new Uint8Array(MAX_MESSAGE_BYTES)), 0],
  ];
  for (const [what, bytes, count] of cases) assertEquals(recordsOf(bytes).length, count, what);
});

Deno.test("readMessage() bounds what pointers can multiply", () => {
  const long = dnsName(...Array(4).fill("x".repeat(60)));
  const first = record(long, TYPE.PTR, pointer(12));
  const records = [first, ...Array(700).fill(record(pointer(12), TYPE.PTR, pointer(12)))];
  const bytes = answer(records).subarray(0, MAX_MESSAGE_BYTES);
  const found = recordsOf(bytes);
  assert(found.length <= 256, `${found.length} records`);
});

Deno.test("readMessage() reads over names of many labels, which are none of ours", () => {
  const long = dnsName(...Array(100).fill("a"));
  const [camera] = cameraRecords({ name: "door" });
  const records = recordsOf(answer([record(long, TYPE.PTR, dnsName("b")), camera]));
  assertEquals(records.map(({ name }) => name), [Array(8).fill("a"), [
    "_camcat",
    "_tcp",
    "local",
  ]]);
});
