// @ts-types="../../lib/std.d.ts"
import { assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { parseSource } from "../../lib/capture/source.ts";
import { otherSource } from "../../lib/sources/other_sources.ts";
import { checkOptions, checkSources } from "../../lib/cli/sender_checks.ts";
import { SENDER, type SenderOptions } from "../../lib/options/sender_options.ts";
import { parseCommandLine } from "../../lib/program/options.ts";

function parse(...args: string[]): SenderOptions {
  return parseCommandLine(SENDER, args).options;
}

const PUSH = "--push=127.0.0.1:9000";

Deno.test("checkOptions() refuses options that contradict each other", () => {
  const cases: [string[], string][] = [
    [["--copy", "--encode"], "Cannot use --copy with --encode: they are opposites"],
    [["--copy", "--flip=h"], "Cannot use --copy with --crop, --rotate, --flip or --overlay"],
    [["--copy", "--overlay"], "Cannot use --copy with --crop, --rotate, --flip or --overlay"],
    [["--copy", "--quality=5"], "Cannot use --copy with --quality: a quality needs encoding"],
    [["--new-key", PUSH], "Cannot use --new-key with --push: the receiver's key is used"],
    [["--no-adapt", "--adapt-cpu=1"], "Cannot use --adapt-cpu with --no-adapt"],
    [["--http-host=a.example"], "Cannot use --http-host without --http"],
    [["--tls-cert=a.pem"], "Cannot use --tls-cert without --http"],
    [["--http=1", "--tls-key=a.pem"], "Cannot use --tls-key without --tls-cert"],
    [["--http=1", "--tls-cert=a.pem"], "Cannot use --tls-cert without --tls-key"],
    [["--http=9000"], "Cannot use port 9000 for both --listen and --http"],
    [["--http=*:1", "-l=a:1"], "Cannot use port 1 for both --listen and --http"],
    [["--http=a:1", "-l=a:1"], "Cannot use port 1 for both --listen and --http"],
    [["--pair", "--open"], "Cannot use --pair with --open: there is no key"],
    [["--pair", "--json"], "Cannot use --pair with --json: the code is shown on the terminal"],
    [["--pair", "--quiet"], "Cannot use --pair with --quiet: the code is shown on the terminal"],
    [["--pair", PUSH], "Cannot use --pair with --push: it is for receivers that connect"],
    [["--linger=1"], "Cannot use --linger without --on-demand"],
  ];
  for (const [args, message] of cases) {
    assertThrows(() => checkOptions(parse(...args), []), UsageError, message);
  }
  assertThrows(() => checkOptions(parse("--list"), ["0"]), UsageError, "Cannot use --list with");
});

Deno.test("checkOptions() accepts options that go together", () => {
  const cases = [
    ["--http=1", "--http-host=a.example", "--tls-cert=a.pem", "--tls-key=b.pem"],
    ["--http=0", "--listen=0"],
    ["--http=127.0.0.1:1", "--listen=127.0.0.2:1"],
    ["--http=9000", PUSH],
    ["--new-key"],
    ["--new-key", PUSH, "--listen=9001"],
    ["--new-key", PUSH, "--http=9001"],
    ["--on-demand", "--linger=0"],
  ];
  for (const args of cases) checkOptions(parse(...args), []);
});

Deno.test("checkSources() refuses options that do not apply to the sources", () => {
  const cases: [string[], string[], string][] = [
    [["test"], ["--loop"], "Cannot use --loop: it applies to files only"],
    [["test"], ["--controls"], "Cannot use --controls: it applies to cameras only"],
    [["/dev/video0", "test"], ["--set=a=1"], "Cannot use --set: it applies to cameras only"],
    [["-", "-"], [], "Cannot use - twice: there is only one standard input"],
    [["test"], ["--camera=door"], "Cannot use --camera: it needs another sender as the SOURCE"],
    [["camcat://a/"], ["--crop=16x16+0+0"], "Cannot use --crop with another sender as the SOURCE"],
    [["test", "camcat://a/"], ["--set=a=1"], "Cannot use --set with another sender as the SOURCE"],
  ];
  for (const [sources, args, message] of cases) {
    const parsed = sources.map((text) => otherSource(text) ?? parseSource(text));
    assertThrows(() => checkSources(parse(...args), parsed), UsageError, message);
  }
});
