/**
 * The errors a caller may want to tell apart. Everything else that is thrown is
 * a bug of ours and keeps its stack.
 *
 * @module
 */

/** A failure at run time that the user can understand and often mend. */
export class CamcatError extends Error {
  /** The name of the class. */
  override name = "CamcatError";
  /** What another program said of it, shown only on request. */
  readonly details: string;

  /** Makes an error from one plain sentence, and what another program said of it. */
  constructor(
    message: string,
    options: ErrorOptions & { details?: string } = {},
  ) {
    super(message, options);
    this.details = options.details ?? "";
  }
}

/** A camera is held by another program: it may be let go, so that trying again makes sense. */
export class BusyError extends CamcatError {
  /** The name of the class. */
  override name = "BusyError";
}

/** How the key of this end and that of the other do not go together. */
export type KeyProblem =
  /** The other end wants a key, and there is none here. */
  | "needed"
  /** There is a key here, and the other end is open. */
  | "not needed"
  /** Both have one, and they differ. */
  | "wrong";

/** The peer cannot be trusted, or does not trust us. Trying again does not help. */
export class KeyError extends CamcatError {
  /** The name of the class. */
  override name = "KeyError";
  /** What is wrong. */
  readonly problem: KeyProblem;

  /** Makes an error from one plain sentence. */
  constructor(problem: KeyProblem, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.problem = problem;
  }
}

/** The command line is wrong: exit status 2. */
export class UsageError extends Error {
  /** The name of the class. */
  override name = "UsageError";
}

/** The peer broke the protocol. The message is fit to be sent to it. */
export class ProtocolError extends Error {
  /** The name of the class. */
  override name = "ProtocolError";
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the system says of a failed call, without its number and the call, which Deno adds. */
export function wordsOf(error: unknown): string {
  return messageOf(error).replace(/ \(os error.*$/s, "");
}
