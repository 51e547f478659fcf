/**
 * What can complete an operand on the command line: what only this machine knows.
 *
 * @module
 */

import { safeText } from "../base/text.ts";
import { listCameras } from "../camera/cameras.ts";
import type { Terms } from "../program/option_table.ts";
import { Keyring } from "../security/keyring.ts";

/** How long to look for cameras, in milliseconds: somebody has pressed Tab and waits. */
const FIND_MS = 300;

/** SOURCEs of the sender: the cameras of this machine, words, and other senders. */
export async function sourceCandidates(): Promise<Terms> {
  const cameras = await listCameras();
  const { names, addresses } = await senders();
  return [
    ...cameras.map(({ name, device }): [string, string] => [name, device]),
    ["screen", "this machine's screen"],
    ["test", "a built-in moving picture"],
    ...names.map(([name, about]): [string, string] => [`camcat:${name}`, about]),
    ...addresses.map(([address, about]): [string, string] => [`camcat://${address}`, about]),
  ];
}

/** ADDRESSes of the receiver: names of cameras and addresses of senders. */
export async function addressCandidates(): Promise<Terms> {
  const { names, addresses } = await senders();
  return [...names, ...addresses];
}

/** Senders whose key is saved, and those that this network announces. */
async function senders(): Promise<{ names: Terms; addresses: Terms }> {
  const { names, addresses } = Keyring.ofUser();
  const { findCameras } = await import("../discovery/browse.ts");
  const found = (await findCameras({ forMs: FIND_MS })).map(({ name }) => name);
  const described = (about: string) => (text: string): [string, string] => [text, about];
  return {
    names: [
      ...names.map(described("its key is saved")),
      ...found.filter((name) => !names.includes(name)).map(described("on this network")),
    ],
    addresses: addresses.map(described("its key is saved")),
  };
}

/** Candidates as completion scripts read them: a line each, with a tab before the description. */
export function candidateLines(candidates: Terms): string {
  return candidates.map((candidate) => candidate.map(safeText).join("\t")).join("\n");
}
