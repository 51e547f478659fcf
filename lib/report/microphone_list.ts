/**
 * Prints lists of microphones, for people and for machines.
 *
 * @module
 */

import { safeText } from "../base/text.ts";
import type { Microphone } from "../sound/microphones.ts";

/** One JSON object per microphone, with `kind`, which those of cameras do not have. */
export function microphoneLines(microphones: Microphone[]): string[] {
  return microphones.map(({ number, name, device, isDefault }) =>
    JSON.stringify({ kind: "microphone", name, device, number, default: isDefault })
  );
}

/** A table of microphones below a heading; nothing if there are none. */
export function microphoneTable(microphones: Microphone[]): string[] {
  if (microphones.length === 0) return [];
  const lines = microphones.flatMap(({ number, name, device, isDefault }) => [
    safeText(`${number}: ${name}${isDefault ? " (default)" : ""}`),
    `   ${safeText(device)}`,
  ]);
  return ["Microphones, for --sound:", ...lines];
}
