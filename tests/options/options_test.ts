// The command lines of all programs.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { CALL } from "../../lib/options/call_options.ts";
import { RECEIVER } from "../../lib/options/receiver_options.ts";
import { SENDER } from "../../lib/options/sender_options.ts";
import { helpOf } from "../../lib/program/help.ts";
import { optionsByTopic, type OptionTable } from "../../lib/program/option_table.ts";
import { parseCommandLine } from "../../lib/program/options.ts";
import { EXTENSIONS } from "../../lib/record/extensions.ts";

Deno.test("the help of all programs fits a terminal of 80 columns, the short one of 30 lines", () => {
  for (const program of [SENDER, RECEIVER, CALL] as const) {
    const [brief, all] = [undefined, "all"].map((topic) =>
      helpOf<OptionTable>(program, topic).split("\n")
    );
    for (const line of [...brief, ...all]) assert([...line].length <= 80, line);
    assert(brief.length <= 30, `${program.name}: ${brief.length} lines`);
  }
});

Deno.test("every topic of all programs has options or a text, and every option a topic", () => {
  for (const program of [SENDER, RECEIVER, CALL] as const) {
    for (const [name, rows] of optionsByTopic<OptionTable>(program)) {
      assert(rows.length > 0 || program.topics[name].text, name);
    }
  }
});

Deno.test("the help of the receiver names every format of a recording", () => {
  for (const extension of EXTENSIONS) {
    assert(helpOf(RECEIVER, "record").includes(extension), extension);
  }
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
