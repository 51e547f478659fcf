// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { isOnLink, linksOf } from "../../lib/discovery/link.ts";

function ofInterface(name: string, cidr: string): Deno.NetworkInterfaceInfo {
  const [address] = cidr.split("/");
  const family = cidr.includes(":") ? "IPv6" as const : "IPv4" as const;
  return { family, name, address, netmask: "", scopeid: 0, cidr, mac: "" };
}

const LOOPBACK = [ofInterface("lo", "127.0.0.1/8"), ofInterface("lo", "::1/128")];
const LAN = [
  ...LOOPBACK,
  ofInterface("eth0", "192.168.1.20/23"),
  ofInterface("eth0", "2001:db8:0:7::20/64"),
  ofInterface("eth0", "fe80::20/64"),
];

Deno.test("isOnLink() tells what came from a network of this machine", () => {
  const cases: [string, boolean][] = [
    ["192.168.0.1", true],
    ["192.168.1.254", true],
    ["192.168.2.1", false],
    ["127.0.0.1", true],
    ["8.8.8.8", false],
    ["2001:db8:0:7::1", true],
    ["2001:db8:0:7:ffff::", true],
    ["2001:db8:0:8::1", false],
    ["fe80::1%eth0", true],
    ["::ffff:192.168.1.1", false],
    ["1:2:3:4:5:6:7:8:9", false],
    ["", false],
    ["pi.local", false],
  ];
  for (const [address, expected] of cases) assertEquals(isOnLink(address, LAN), expected, address);
});

Deno.test("linksOf() takes every IPv4 address and IPv6 interface, or the loopback interface alone", () => {
  assertEquals(linksOf(LAN).map(({ multicast }) => multicast), ["192.168.1.20", "::%eth0"]);
  assertEquals(linksOf(LOOPBACK).map(({ multicast }) => multicast), ["127.0.0.1"]);
  const many = Array.from({ length: 300 }, (_, index) => ofInterface(`veth${index}`, "fe80::1/64"));
  assertEquals(linksOf(many).length, 32);
});
