// The unit for systemd, where systemd can tell what it thinks of it.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Folder } from "../support/folder.ts";
import { programTest, SENDER } from "../support/programs.ts";
import { skipped } from "../support/skipped.ts";

const UNIT = new URL("../../packaging/systemd/camcat-sender.service", import.meta.url).pathname;
/** The first version that looks at a unit which is not installed. */
const VERSION = 250;

async function analyze(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** The version of systemd, or 0 where there is none. */
async function systemd(): Promise<number> {
  try {
    const { said } = await analyze("--version");
    return Number(/^systemd (\d+)/.exec(said)?.[1] ?? 0);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

const hasSystemd = await systemd() >= VERSION;
if (!hasSystemd) {
  skipped(`systemd ${VERSION} is not here, its unit is not looked at`);
}

function testUnit(name: string, fn: (unit: string) => Promise<void>): void {
  programTest(name, async () => {
    await using folder = new Folder();
    const unit = `${folder.path}/camcat-sender.service`;
    const text = await Deno.readTextFile(UNIT);
    await Deno.writeTextFile(unit, text.replaceAll("/usr/local/bin/sender", SENDER));
    await fn(unit);
  }, !hasSystemd);
}

testUnit("systemd finds nothing wrong with the unit", async (unit) => {
  const check = ["verify", "--man=no", "--recursive-errors=no"];
  assertEquals(await analyze(...check, unit), { code: 0, said: "" });
  // It would say so, if there were something.
  const text = await Deno.readTextFile(unit);
  await Deno.writeTextFile(unit, text.replace("ExecStart=", "NoSuchKey=1\nExecStart=/nowhere"));
  assert((await analyze(...check, unit)).said !== "");
});

testUnit("systemd rates the unit as safe", async (unit) => {
  // 10 is no protection at all; the threshold is given in tenths. Each version of systemd has
  // words and weights of its own for what is below it.
  const rate = (unit: string) => analyze("security", "--offline=true", "--threshold=20", unit);
  const { code, said } = await rate(unit);
  assertEquals(code, 0, said);
  // It would be above the threshold without what the unit gives up.
  const text = await Deno.readTextFile(unit);
  await Deno.writeTextFile(unit, text.replaceAll(/^(Protect|Private|Restrict|System).*$/gm, ""));
  assert((await rate(unit)).code !== 0);
});
