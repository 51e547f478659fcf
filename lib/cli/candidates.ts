/**
 * What can complete an operand on the command line: what only this machine knows.
 *
 * @module
 */

import { safeText } from "../base/text.ts";
import { listCameras } from "../camera/cameras.ts";
import type { Terms } from "../program/option_table.ts";
import { Keyring } from "../security/keyring.ts";

/** SOURCEs of the sender: the cameras of this machine, words, and senders whose key is saved. */
export async function sourceCandidates(): Promise<Terms> {
  const cameras = await listCameras();
  return [
    ...cameras.map(({ name, device }): [string, string] => [name, device]),
    ["screen", "this machine's screen"],
    ["test", "a built-in moving picture"],
    ...addressCandidates().map(([address, why]): [string, string] => [`camcat://${address}`, why]),
  ];
}

/** ADDRESSes of the receiver: senders whose key is saved, and the names of their cameras. */
export function addressCandidates(): Terms {
  const { names, addresses } = Keyring.ofUser();
  return [...names, ...addresses].map((text) => [text, "its key is saved"]);
}

/** Candidates as completion scripts read them: a line each, with a tab before the description. */
export function candidateLines(candidates: Terms): string {
  return candidates.map((candidate) => candidate.map(safeText).join("\t")).join("\n");
}
