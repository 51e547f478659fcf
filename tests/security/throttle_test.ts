// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Throttle } from "../../lib/security/throttle.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("Throttle.delayMs() grows with the failures in a row, up to 4 s", () => {
  const throttle = new Throttle();
  const delays = [0, 0, 0, 0, 250, 500, 1000, 2000, 4000, 4000, 4000];
  delays.forEach((delayMs, failures) => {
    assertEquals(throttle.delayMs("a", failures), delayMs, `after ${failures} failures`);
    assertEquals(throttle.add("a", "wrong", failures), failures + 1);
  });
  for (let count = 0; count < 10_000; count++) throttle.add("a", "wrong", 20);
  assertEquals(throttle.delayMs("a", 20), 4000);
  assertEquals(throttle.delayMs("b", 20), 0, "somebody else");
});

test("Throttle forgets failures a minute after the last one, or by forget()", () => {
  const throttle = new Throttle();
  for (let count = 0; count < 6; count++) throttle.add("a", "wrong", 1000);
  assertEquals(throttle.delayMs("a", 61_000), 1000);
  assertEquals(throttle.add("a", "wrong", 61_000), 7);
  assertEquals(throttle.delayMs("a", 121_000), 2000);
  assertEquals(throttle.delayMs("a", 121_001), 0);
  assertEquals(throttle.add("a", "wrong", 121_001), 1);

  for (let count = 0; count < 6; count++) throttle.add("b", "wrong", 0);
  throttle.forget("b");
  assertEquals(throttle.delayMs("b", 0), 0);
  assertEquals(throttle.add("b", "wrong", 0), 1);
});

test("Throttle remembers the 1024 addresses that failed last", () => {
  const throttle = new Throttle();
  const fail = (address: string, times: number) => {
    for (let count = 0; count < times; count++) throttle.add(address, "wrong", 0);
  };
  fail("first", 4);
  fail("second", 4);
  fail("first", 1);
  for (let number = 0; number < 1022; number++) fail(`${number}`, 4);
  assertEquals(["first", "second"].map((who) => throttle.delayMs(who, 0)), [500, 250]);
  fail("one more", 4);
  assertEquals(["first", "second"].map((who) => throttle.delayMs(who, 0)), [500, 0]);
  fail("and one more", 4);
  assertEquals(["first", "0", "1021"].map((who) => throttle.delayMs(who, 0)), [0, 250, 250]);
});

/** Addresses that a {@linkcode Throttle} treats as one. */
const SAME: [string, ...string[]][] = [
  ["192.168.1.20", "192.168.1.20", "::ffff:192.168.1.20", "::FFFF:192.168.1.20"],
  ["192.168.1.21", "192.168.1.21"],
  ["2001:db8:1:2::/64", "2001:db8:1:2::", "2001:db8:1:2::7", "2001:db8:1:2:3:4:5:6"],
  ["2001:db8:1:3::/64", "2001:db8:1:3::7"],
  ["2001:db8:0:0::/64", "2001:db8::7", "2001:db8::3:4:5:6", "2001:db8:0:0:1::"],
  ["0:0:0:0::/64", "::1", "::", "::3:4:5:6"],
  ["0:0:0:2::/64", "::2:3:4:5:6"],
  ["fe80:0:0:0::/64", "fe80::1%eth0", "fe80::2%wlan0"],
];

test("Throttle.addressOf() treats an IPv6 /64 as one address", () => {
  for (const [address, ...hostnames] of SAME) {
    for (const hostname of hostnames) {
      assertEquals(Throttle.addressOf(hostname), address, hostname);
    }
  }
});
