// The command lines of both programs.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { RECEIVER } from "../../lib/cli/receiver_options.ts";
import { SENDER } from "../../lib/cli/sender_options.ts";
import { helpOf, parseCommandLine } from "../../lib/program/options.ts";
import { EXTENSIONS } from "../../lib/record/formats.ts";

Deno.test("the help of both programs fits a terminal of 80 columns, with every option in a group", () => {
  for (const help of [helpOf(SENDER), helpOf(RECEIVER)]) {
    for (const line of help.split("\n")) assert([...line].length <= 80, line);
    const firstOption = help.indexOf("\n  -");
    assertMatch(help.slice(0, firstOption), /\n\n[A-Z][\w ]+:$/);
  }
});

Deno.test("the help of the receiver names every format of a recording", () => {
  for (const extension of EXTENSIONS) assert(helpOf(RECEIVER).includes(extension), extension);
});

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
  assertThrows(() => parseCommandLine(SENDER, ["--http=x:y"]), UsageError, "Cannot read");
});
