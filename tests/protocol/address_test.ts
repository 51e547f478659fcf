// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import {
  DEFAULT_PORT,
  EVERY_INTERFACE,
  formatAddress,
  parseAddress,
  parseListenAddress,
} from "../../lib/protocol/address.ts";
import { UsageError } from "../../lib/base/errors.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** What is written the same way to connect and to listen. */
const ADDRESSES: [string, string, number][] = [
  ["localhost", "localhost", DEFAULT_PORT],
  ["camera-2.example.org", "camera-2.example.org", DEFAULT_PORT],
  ["camera-2.example.org:80", "camera-2.example.org", 80],
  ["192.168.1.20", "192.168.1.20", DEFAULT_PORT],
  ["192.168.1.20:1", "192.168.1.20", 1],
  ["192.168.1.20:65535", "192.168.1.20", 65535],
  ["[::1]", "::1", DEFAULT_PORT],
  ["[::1]:1234", "::1", 1234],
  ["[2001:db8::7]:1234", "2001:db8::7", 1234],
  ["[::ffff:192.168.1.20]:1234", "::ffff:192.168.1.20", 1234],
  ["[fe80::1%eth0]:1234", "fe80::1%eth0", 1234],
  ["[fe80::1%wlp2s0.4]", "fe80::1%wlp2s0.4", DEFAULT_PORT],
  ["::", "::", DEFAULT_PORT],
  ["::1", "::1", DEFAULT_PORT],
  ["2001:db8::7", "2001:db8::7", DEFAULT_PORT],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", DEFAULT_PORT],
  ["2001:DB8::A", "2001:DB8::A", DEFAULT_PORT],
  ["::ffff:192.168.1.20", "::ffff:192.168.1.20", DEFAULT_PORT],
  ["fe80::1%eth0", "fe80::1%eth0", DEFAULT_PORT],
];

/** What is no address. */
const NONE = [
  ...["", " ", "a b", "host:", "host:port", "host:12a", "host:-1", "host:1.5", "host: 80"],
  ...["host:65536", "host:99999", "host:123456", "[::1]:65536", "1.2.3.4:5:6"],
  ...["[::1", "::1]", "[]", "[]:80", "[localhost]:80", "[::1]80", "[::1]:", "x[::1]:80"],
  ...["http://host:80", "host/path", "host:80/", "fe80::1%", "[fe80::1%]", "fe80::1%eth/0"],
];

test("parseAddress() reads hosts and ports", () => {
  for (const [text, hostname, port] of ADDRESSES) {
    assertEquals(parseAddress(text), { hostname, port }, text);
  }
});

test("parseAddress() refuses invalid addresses", () => {
  for (const text of [...NONE, ":80", "host:0", "[::1]:0"]) {
    assertThrows(() => parseAddress(text), UsageError, "Cannot read the address", `"${text}"`);
  }
});

test("parseListenAddress() reads the same, ports alone, and any free port", () => {
  const more: [string, string, number][] = [
    ["0", EVERY_INTERFACE, 0],
    ["1234", EVERY_INTERFACE, 1234],
    [":1234", EVERY_INTERFACE, 1234],
    ["*:1234", EVERY_INTERFACE, 1234],
    ["[::]:1234", "::", 1234],
    ["0.0.0.0:1234", "0.0.0.0", 1234],
    ["127.0.0.1:0", "127.0.0.1", 0],
    ["[::1]:0", "::1", 0],
    ["localhost:0", "localhost", 0],
    ["fe80::1", "fe80::1", DEFAULT_PORT],
  ];
  for (const [text, hostname, port] of [...ADDRESSES, ...more]) {
    assertEquals(parseListenAddress(text), { hostname, port }, text);
  }
});

test("parseListenAddress() refuses invalid addresses", () => {
  for (const text of [...NONE, "65536", ":", ":65536"]) {
    assertThrows(
      () => parseListenAddress(text),
      UsageError,
      "Cannot read the address",
      `"${text}"`,
    );
  }
});

test("errors of addresses quote what was received", () => {
  for (const parse of [parseAddress, parseListenAddress]) {
    for (const text of ["a b", "host:99999"]) {
      assertThrows(() => parse(text), UsageError, `"${text}"`);
    }
  }
});

test("formatAddress() writes what parseAddress() reads", () => {
  for (const [text, hostname, port] of ADDRESSES) {
    if (hostname.startsWith("::ffff:")) continue;
    assertEquals(parseAddress(formatAddress({ hostname, port })), { hostname, port }, text);
  }
  assertEquals(formatAddress({ hostname: "host", port: 80 }), "host:80");
  assertEquals(formatAddress({ hostname: "::1", port: 80 }), "[::1]:80");
});

test("formatAddress() writes an IPv4 address of an IPv6 socket plainly", () => {
  for (const hostname of ["::ffff:192.168.1.20", "::FFFF:192.168.1.20"]) {
    assertEquals(formatAddress({ hostname, port: 80 }), "192.168.1.20:80");
  }
  assertEquals(formatAddress({ hostname: "::ffff:1:2", port: 80 }), "[::ffff:1:2]:80");
});
