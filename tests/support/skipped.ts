/**
 * Tests that cannot run here.
 *
 * @module
 */

const SAID = "CAMCAT_TESTS_SKIPPED";

/**
 * Says aloud what is not tested and why: once a run, although each test file loads its own modules.
 * The environment is what they share.
 */
export function skipped(reason: string): void {
  const said = Deno.env.get(SAID)?.split("\n") ?? [];
  if (said.includes(reason)) return;
  Deno.env.set(SAID, [...said, reason].join("\n"));
  console.warn(`SKIPPED: ${reason}`);
}
