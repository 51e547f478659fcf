/**
 * Errors that say that the system has run out of something.
 *
 * @module
 */

/**
 * Codes of errno(3) for too few file descriptors, of the process and of the system, and too little
 * memory.
 */
const CODES = ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"];

/** Whether an error is a lack of descriptors or memory, which passes: a program that serves goes on. */
export function isShortage(error: unknown): boolean {
  return CODES.includes((error as { code?: string } | undefined)?.code ?? "");
}
