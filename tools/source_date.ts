/**
 * When the source was last changed: what is made of the same source is then the same.
 *
 * @module
 */

/**
 * The time of the last commit, or of the variable SOURCE_DATE_EPOCH, in seconds since 1970; 0 for a
 * source that is no repository.
 */
export async function sourceDate(): Promise<number> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  if (given) return Number(given);
  try {
    const { stdout } = await new Deno.Command("git", { args: ["log", "-1", "--format=%ct"] })
      .output();
    return Number(new TextDecoder().decode(stdout));
  } catch {
    return 0; // git is not installed
  }
}
