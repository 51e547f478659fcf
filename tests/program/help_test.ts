// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { helpOf } from "../../lib/program/help.ts";
import type { Program } from "../../lib/program/option_table.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const OPTIONS = {
  listen: {
    topic: "network",
    short: "l",
    basic: true,
    value: "PORT",
    parse: Number,
    help: "where",
  },
  push: { value: "HOST", parse: String, help: "whom to connect to" },
  verbose: { topic: "messages", short: "v", help: "say more" },
} as const;

const PROGRAM: Program<typeof OPTIONS> = {
  name: "tester",
  version: "1.2.3",
  operands: "[SOURCE]",
  operand: "source",
  maxOperands: 1,
  summary: "Tests.",
  options: OPTIONS,
  topics: {
    intro: { title: "What it is", text: ["A test.", [["SOURCE", "anything"]]] },
    network: { title: "The network" },
    messages: { title: "Messages" },
  },
  examples: [["tester", "tests"], ["tester twice", ""]],
};

test("helpOf() is short without a topic: examples, basic options, and the names of topics", () => {
  assertEquals(
    helpOf(PROGRAM),
    `Usage: tester [OPTION]... [SOURCE]
Tests.

  tester  tests
  tester twice

  -l, --listen PORT   where
  -h, --help [TOPIC]  show this, or the help on a topic, on an option, or on all

tester --help TOPIC tells more: intro, network, messages or all`,
  );
});

test("helpOf() shows a topic by its name, or by an option in it", () => {
  assertEquals(helpOf(PROGRAM, "intro"), "What it is:\nA test.\n\n  SOURCE  anything");
  const network = `The network:
  -l, --listen PORT  where
      --push HOST    whom to connect to`;
  for (const topic of ["network", "push", "--push", "listen", "l"]) {
    assertEquals(helpOf(PROGRAM, topic), network, topic);
  }
});

test("helpOf() refuses an unknown topic, and names all of them", () => {
  for (const topic of ["nothing", "", "constructor", "__proto__"]) {
    assertThrows(
      () => helpOf(PROGRAM, topic),
      UsageError,
      `Cannot show help on "${topic}": it must be an option, or intro, network, messages or all`,
    );
  }
});

test("helpOf() shows every topic, option and example for all", () => {
  const help = helpOf(PROGRAM, "all");
  for (const topic of Object.keys(PROGRAM.topics)) {
    if (topic !== "messages") assertStringIncludes(help, helpOf(PROGRAM, topic));
  }
  const options = ["    --push HOST ", "-v, --verbose ", "-h, --help [TOPIC] ", "    --version "];
  for (const text of [...options, "  tester twice", "Exit status: 0"]) {
    assertStringIncludes(help, text);
  }
});

test("helpOf() puts the help of a long option below it, in the column of the others", () => {
  const options = {
    "an-option-with-a-long-name": {
      topic: "network",
      value: "AND-A-LONG-VALUE",
      parse: String,
      help: "long",
    },
    short: { help: "brief" },
  };
  const lines = helpOf({ ...PROGRAM, options }, "network").split("\n");
  const at = lines.findIndex((line) => line.endsWith("AND-A-LONG-VALUE"));
  assertEquals(lines[at + 1].trim(), "long");
  const brief = lines.find((line) => line.endsWith("brief"))!;
  assertEquals(lines[at + 1].indexOf("long"), brief.indexOf("brief"));
});

test("helpOf() refuses a table whose options have no topic: that is a bug", () => {
  const options = { lost: { help: "in no topic" } };
  assertThrows(() => helpOf({ ...PROGRAM, options }, "all"), TypeError, "--lost");
  assert(helpOf({ ...PROGRAM, options }) !== "");
});
