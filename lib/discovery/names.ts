/**
 * Names as addresses: which of the cameras that were found a name means.
 *
 * @module
 */

import type { FoundCamera } from "./found_cameras.ts";

/**
 * The cameras that `name` means, in any case: the one announced with that name, or else those of
 * senders that call them so, or else those whose name contains it.
 */
export function camerasNamed(name: string, cameras: readonly FoundCamera[]): FoundCamera[] {
  const wanted = fold(name);
  const kinds = [
    (it: FoundCamera) => fold(it.name) === wanted,
    (it: FoundCamera) => fold(it.camera ?? "") === wanted,
    (it: FoundCamera) => fold(it.name).includes(wanted),
  ];
  for (const isMeant of kinds) {
    const meant = cameras.filter(isMeant);
    if (meant.length > 0) return meant;
  }
  return [];
}

/** Whether a name belongs to exactly this camera: a part of it does not. */
export function isWholeName(name: string, camera: FoundCamera): boolean {
  return fold(camera.name) === fold(name);
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
