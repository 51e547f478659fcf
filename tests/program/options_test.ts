// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { helpOf } from "../../lib/program/help.ts";
import type { Program } from "../../lib/program/option_table.ts";
import { decimal, oneOf, parseCommandLine, wholeNumber } from "../../lib/program/options.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const OPTIONS = {
  listen: {
    topic: "network",
    short: "l",
    value: "PORT",
    parse: wholeNumber(0, 65535),
    help: "where to listen",
  },
  name: { short: "n", value: "NAME", parse: String, help: "what it is called" },
  fps: { value: "N", parse: decimal(0.1, 240), help: "frames per second" },
  player: { value: "PLAYER", parse: oneOf(["ffplay", "mpv"]), help: "which player" },
  "on-demand": { help: "only while somebody watches" },
  verbose: { topic: "messages", short: "v", help: "say more" },
  quiet: { short: "q", help: "say less" },
} as const;

const PROGRAM: Program<typeof OPTIONS> = {
  name: "tester",
  version: "1.2.3",
  operands: "[SOURCE]",
  maxOperands: 1,
  summary: "Tests.",
  operand: "source",
  options: OPTIONS,
  topics: { network: { title: "The network" }, messages: { title: "Messages" } },
  examples: [["tester", "tests"]],
};

const NOTHING = {
  ...{ listen: undefined, name: undefined, fps: undefined, player: undefined },
  ...{ "on-demand": false, verbose: false, quiet: false, help: false, version: false },
};

type Parsed = ReturnType<typeof parseCommandLine<typeof OPTIONS>>["options"];

test("parseCommandLine() parses options and operands", () => {
  const cases: [string[], Partial<Parsed>, string[]][] = [
    [[], {}, []],
    [["--listen", "80"], { listen: 80 }, []],
    [["--listen=80"], { listen: 80 }, []],
    [["-l", "80"], { listen: 80 }, []],
    [["-l80"], { listen: 80 }, []],
    [["-l=80"], { listen: 80 }, []],
    [["--listen", "0"], { listen: 0 }, []],
    [["--fps", "29.97"], { fps: 29.97 }, []],
    [["--player", "mpv"], { player: "mpv" }, []],
    [["--name", "front door"], { name: "front door" }, []],
    [["--name=a=b"], { name: "a=b" }, []],
    [["--name=-5"], { name: "-5" }, []],
    [["--name", "007"], { name: "007" }, []],
    [["--on-demand"], { "on-demand": true }, []],
    [["-v"], { verbose: true }, []],
    [["-v", "--verbose"], { verbose: true }, []],
    [["-qv"], { quiet: true, verbose: true }, []],
    [["-vl", "80"], { verbose: true, listen: 80 }, []],
    [["-v", "-q", "--fps", "5", "test"], { verbose: true, quiet: true, fps: 5 }, ["test"]],
    // An option without a value: the next argument is an operand.
    [["--verbose", "test"], { verbose: true }, ["test"]],
    [["test", "--verbose"], { verbose: true }, ["test"]],
    [["-v", "-"], { verbose: true }, ["-"]],
    // Operands stay unchanged.
    [["-"], {}, ["-"]],
    [["007"], {}, ["007"]],
    [["1e3"], {}, ["1e3"]],
    [["0x10"], {}, ["0x10"]],
    [["true"], {}, ["true"]],
    [[""], {}, [""]],
    [["a=b"], {}, ["a=b"]],
    [["--", "--listen"], {}, ["--listen"]],
    [["--", "-5"], {}, ["-5"]],
    [["--listen", "80", "--", "-v"], { listen: 80 }, ["-v"]],
  ];
  for (const [args, options, operands] of cases) {
    const expected = { options: { ...NOTHING, ...options }, operands } as never;
    assertEquals(parseCommandLine(PROGRAM, args), expected, args.join(" "));
  }
});

test("parseCommandLine() refuses a wrong command line, and says what is wrong with it", () => {
  const cases: [string[], string][] = [
    [["--lisen", "80"], "Unknown option --lisen: did you mean --listen?"],
    [["--lisen=80"], "Unknown option --lisen: did you mean --listen?"],
    [["--ondemand"], "Unknown option --ondemand: did you mean --on-demand?"],
    [["--no-verbose"], "Unknown option --no-verbose: did you mean --verbose?"],
    [["-x"], "Unknown option -x: see tester --help"],
    [["-vx"], "Unknown option"],
    [["-5"], "Unknown option -5: see tester --help"],
    [["--constructor"], "Unknown option --constructor"],
    [["--__proto__=1"], "Unknown option --__proto__"],
    [["--listen"], "Cannot use --listen without its value, PORT"],
    [["-l"], "Cannot use --listen without its value, PORT"],
    [["--listen="], "Cannot use --listen without its value, PORT"],
    [["--name", ""], "Cannot use --name without its value, NAME"],
    [["--listen", "-v"], "Cannot use --listen without its value, PORT"],
    [["--listen", "80", "--listen", "81"], "Cannot use --listen twice"],
    [["-l", "80", "--listen=80"], "Cannot use --listen twice"],
    [
      ["--listen", "no"],
      'Cannot use this --listen: it must be a whole number from 0 to 65535, received "no"',
    ],
    [
      ["--listen=-1"],
      'Cannot use this --listen: it must be a whole number from 0 to 65535, received "-1"',
    ],
    [["--listen=0x50"], 'received "0x50"'],
    [
      ["--fps", "fast"],
      'Cannot use this --fps: it must be a number from 0.1 to 240, received "fast"',
    ],
    [["--player", "vlc"], 'Cannot use this --player: it must be ffplay or mpv, received "vlc"'],
    [["a", "b"], 'Cannot use "b": tester takes [SOURCE], see --help'],
    [["--", "a", "-b"], 'Cannot use "-b": tester takes [SOURCE], see --help'],
  ];
  for (const [args, message] of cases) {
    assertThrows(() => parseCommandLine(PROGRAM, args), UsageError, message, args.join(" "));
  }
});

test("parseCommandLine() passes on errors that are bugs, with their stacks", () => {
  const parse = () => {
    throw new TypeError("a bug");
  };
  const options = { broken: { topic: "network", value: "X", parse, help: "" } };
  assertThrows(() => parseCommandLine({ ...PROGRAM, options }, ["--broken=1"]), TypeError, "a bug");
});

test("parseCommandLine() gives help or version to print, whatever else is given", () => {
  for (
    const args of [["--help"], ["-h"], ["a", "b", "-h"], ["a", "-vh"], ["--help", "--version"]]
  ) {
    assertEquals(parseCommandLine(PROGRAM, args).print, helpOf(PROGRAM), args.join(" "));
  }
  for (const args of [["--help", "all"], ["-h", "all"], ["-v", "--help", "all", "a"]]) {
    assertEquals(parseCommandLine(PROGRAM, args).print, helpOf(PROGRAM, "all"), args.join(" "));
  }
  for (const args of [["--version"], ["a", "b", "--version"]]) {
    assertEquals(parseCommandLine(PROGRAM, args).print, "tester (camcat) 1.2.3", args.join(" "));
  }
  assertEquals(parseCommandLine(PROGRAM, ["--", "--help"]).print, undefined);
});

test("wholeNumber(), decimal() and oneOf() accept right values only", () => {
  const whole = wholeNumber(1, 100);
  const broken = decimal(0.1, 240);
  const word = oneOf(["mpv", "ffplay"]);
  for (const [text, value] of [["1", 1], ["100", 100], ["007", 7]] as const) {
    assertEquals(whole(text), value);
  }
  for (const text of ["0", "101", "", "1.5", "-1", "+1", "1e1", "0x1", " 1", "1 ", "١", "NaN"]) {
    assertThrows(() => whole(text), UsageError, `from 1 to 100, received "${text}"`);
  }
  for (const [text, value] of [["0.1", 0.1], ["240", 240], ["29.97", 29.97]] as const) {
    assertEquals(broken(text), value);
  }
  for (const text of ["0", "240.1", "", ".5", "5.", "-1", "1e1", "Infinity", "30000/1001", "1,5"]) {
    assertThrows(() => broken(text), UsageError, `from 0.1 to 240, received "${text}"`);
  }
  assertEquals(word("mpv"), "mpv");
  for (const text of ["", "MPV", "mp", "mpv "]) {
    assertThrows(() => word(text), UsageError, `mpv or ffplay, received "${text}"`);
  }
});

test("parseCommandLine() refuses a value for an option without one", () => {
  for (const arg of ["--verbose=no", "--quiet=", "--help=true"]) {
    const parse = () => parseCommandLine(PROGRAM, [arg]);
    assertThrows(parse, UsageError, `Cannot use ${arg.replace(/=.*/, "")} with a value`);
  }
  assertEquals(parseCommandLine(PROGRAM, ["--", "--verbose=no"]).operands, ["--verbose=no"]);
});

test("parseCommandLine() gives an option that may stand alone its value, or the one meant", () => {
  const sound = { topic: "network", value: "[DEVICE]", bare: "any", parse: String, help: "hear" };
  const program = { ...PROGRAM, options: { sound, quiet: OPTIONS.quiet } };
  const cases: [string[], string | undefined, string[]][] = [
    [["x"], undefined, ["x"]],
    [["x", "--sound"], "any", ["x"]],
    [["x", "--sound", "--quiet"], "any", ["x"]],
    [["x", "--sound", "Desk"], "Desk", ["x"]],
    [["--sound=Desk", "x"], "Desk", ["x"]],
    [["--sound", "x"], "x", []],
  ];
  for (const [args, value, operands] of cases) {
    const parsed = parseCommandLine(program, args);
    assertEquals([parsed.options.sound, parsed.operands], [value, operands], args.join(" "));
  }
});
