/**
 * Asking another program something and reading its answer.
 *
 * @module
 */

import { Child } from "./child.ts";
import { CamcatError } from "./errors.ts";

/** How long an answer may take: a camera that hangs makes whoever opens it hang, too. */
const ANSWER_MS = 10_000;

/** What a program answered. */
export interface Answer {
  /** Whether it ended with status 0. */
  success: boolean;
  /** What it wrote to its standard output. */
  text: string;
  /** The lines it wrote to its standard error. */
  lines: string[];
}

/**
 * Runs a program to its end, ten seconds at most.
 *
 * @throws {CamcatError} if it is not installed or cannot be started
 */
export async function ask(program: string, args: string[]): Promise<Answer> {
  const lines: string[] = [];
  await using child = Child.spawn(program, args, {
    stdout: "piped",
    onLine: (line) => lines.push(line),
  });
  const timer = setTimeout(() => child.kill(), ANSWER_MS);
  try {
    const text = await new Response(child.process.stdout).text();
    const { success } = await child.status;
    return { success, text, lines };
  } finally {
    clearTimeout(timer);
  }
}

/** The answer of a program; undefined if it is not installed. */
export async function askIfInstalled(
  program: string,
  args: string[],
): Promise<Answer | undefined> {
  try {
    return await ask(program, args);
  } catch (error) {
    if (error instanceof CamcatError && error.cause instanceof Deno.errors.NotFound) {
      return undefined;
    }
    throw error;
  }
}
