/**
 * Folder names for cameras: their names come from the network, and may be anything.
 *
 * @module
 */

const UTF8 = new TextEncoder();

/**
 * The longest folder name, in bytes of UTF-8. File systems allow 255 (NAME_MAX); file names in the
 * folder have their own limit.
 */
const MAX_BYTES = 200;
/** Names that Windows keeps for devices, with or without an extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Gives each camera a folder name of its own: no path, not hidden, at most 200 bytes, and different
 * from all others even where capitals do not count. Other characters than letters, digits and
 * ` ._-` are written as `%` and their code point in hexadecimal.
 *
 * @param cameras their names
 * @returns the folder names, in the same order
 */
export function folderNames(cameras: readonly string[]): string[] {
  const taken = new Set<string>();
  return cameras.map((camera) => {
    const name = escaped(camera);
    for (let attempt = 1;; attempt++) {
      const candidate = attempt === 1 ? name : `${name}-${attempt}`;
      const key = candidate.normalize("NFKC").toLowerCase();
      if (taken.has(key)) continue;
      taken.add(key);
      return candidate;
    }
  });
}

function escaped(camera: string): string {
  const hex = (text: string) => `%${text.codePointAt(0)!.toString(16)}`;
  const plain = camera.replace(/^\.|[^\p{L}\p{N} ._-]/gu, hex).replace(/^$/, "camera");
  // Windows drops dots and spaces at the end.
  const name = cutBytes(DEVICE.test(plain) ? hex(plain) + plain.slice(1) : plain);
  return name.replace(/[. ]$/, hex);
}

function cutBytes(text: string): string {
  let bytes = 0;
  let kept = "";
  for (const letter of text) {
    bytes += UTF8.encode(letter).length;
    if (bytes > MAX_BYTES) break;
    kept += letter;
  }
  return kept;
}
