// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { parseCommandLine } from "../../lib/program/options.ts";
import { checkOptions, SENDER } from "../../lib/cli/sender_options.ts";

function check(...args: string[]): void {
  const { options, operands } = parseCommandLine(SENDER, args);
  checkOptions(options, operands);
}

Deno.test("--http is for this machine only, unless a host is given", () => {
  const cases: [string, string, number][] = [
    ["8080", "127.0.0.1", 8080],
    ["*:8080", "::", 8080],
    [":0", "::", 0],
    ["192.168.1.20:80", "192.168.1.20", 80],
    ["[fd00::1]:80", "fd00::1", 80],
  ];
  for (const [text, hostname, port] of cases) {
    assertEquals(parseCommandLine(SENDER, ["--http", text]).options.http, { hostname, port });
  }
});

Deno.test("checkOptions() refuses what needs --http, and half a certificate", () => {
  check("--http=1", "--tls-cert=c", "--tls-key=k", "--http-host=a,b");
  assertThrows(() => check("--tls-cert=c", "--tls-key=k"), UsageError, "without --http");
  assertThrows(() => check("--http-host=a"), UsageError, "without --http");
  check("--http=9000", "--push=a:1");
  check("--http=127.0.0.1:1", "--listen=127.0.0.2:1");
  check("--http=0", "--listen=0");
  for (const both of [["--http=9000"], ["--http=*:1", "-l=a:1"], ["--http=a:1", "-l=a:1"]]) {
    assertThrows(() => check(...both), UsageError, "for both --listen and --http");
  }
  assertThrows(() => check("--http=1", "--tls-key=k"), UsageError, "without --tls-key, nor");
});

Deno.test("checkOptions() refuses a new key where nobody would use it", () => {
  check("--new-key");
  check("--new-key", "--push=a", "--listen=1");
  check("--new-key", "--push=a", "--http=1");
  assertThrows(() => check("--new-key", "--push=a"), UsageError, "that of the receiver");
});
