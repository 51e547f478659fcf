/**
 * The errors that callers distinguish; secrets are removed from their messages. Any other error is a bug in camcat and keeps its stack trace.
 *
 * @module
 */

import { withoutSecrets } from "./secrets.ts";

/** A failure at run time that the user can understand and often fix. */
export class CamcatError extends Error {
  /** The name of the class. */
  override name = "CamcatError";
  /** What another program printed about it; shown with `--verbose` only. */
  readonly details: string;

  /** Makes an error from one plain sentence, and what another program printed about it. */
  constructor(
    message: string,
    options: ErrorOptions & { details?: string } = {},
  ) {
    super(withoutSecrets(message), options);
    this.details = withoutSecrets(options.details ?? "");
  }
}

/** Another program uses the camera. Retrying makes sense: that program may exit. */
export class BusyError extends CamcatError {
  /** The name of the class. */
  override name = "BusyError";
}

/** Why the keys of the two peers do not match. */
export type KeyProblem =
  /** The peer requires a key, and this end has none. */
  | "needed"
  /** This end has a key, and the peer is open. */
  | "not needed"
  /** Both have a key, and the keys differ. */
  | "wrong";

/** The peers do not trust each other. Retrying does not help. */
export class KeyError extends CamcatError {
  /** The name of the class. */
  override name = "KeyError";
  /** What is wrong. */
  readonly problem: KeyProblem;
  /** How often a code may be tried at the peer, which shows one; undefined if it shows none. */
  readonly tries: number | undefined;

  /** Makes an error from one plain sentence. */
  constructor(
    problem: KeyProblem,
    message: string,
    options: ErrorOptions & { tries?: number | undefined } = {},
  ) {
    super(message, options);
    this.problem = problem;
    this.tries = options.tries;
  }
}

/** The command line is wrong: exit status 2. */
export class UsageError extends Error {
  /** The name of the class. */
  override name = "UsageError";

  /** Makes an error from one plain sentence. */
  constructor(message: string, options: ErrorOptions = {}) {
    super(withoutSecrets(message), options);
  }
}

/** The peer violated the protocol. The message is sent to it as the reason. */
export class ProtocolError extends Error {
  /** The name of the class. */
  override name = "ProtocolError";

  /** Makes an error from one plain sentence. */
  constructor(message: string, options: ErrorOptions = {}) {
    super(withoutSecrets(message), options);
  }
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's message for a failed call, without the error number and the call that Deno adds. */
export function wordsOf(error: unknown): string {
  return messageOf(error).replace(/ \(os error.*$/s, "");
}
