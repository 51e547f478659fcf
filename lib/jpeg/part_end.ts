/**
 * The end of a picture that does not say itself where it ends.
 *
 * @module
 */

/** Bytes of a delimiter and part headers that are looked at, at most. */
const MAX_TEXT_BYTES = 1024;
const [LF, CR, DASH] = [0x0a, 0x0d, 0x2d];

/**
 * The index at which picture data ends, if lines of text stand between it and `end`: the delimiter
 * of a multipart stream and the headers of its next part (RFC 2046 section 5.1.1). Cameras write
 * these in many ways: lines of printable ASCII count if one begins with `--` or the last is empty.
 *
 * @param start where the picture data begins
 * @param end where the next picture begins, or the bytes end
 * @returns `end` if no such lines stand there
 */
export function endBeforeText(bytes: Uint8Array, start: number, end: number): number {
  const first = Math.max(start, end - MAX_TEXT_BYTES);
  let found = end;
  let isText = endsWithEmptyLine(bytes, end);
  for (let at = end - 1; at >= first; at--) {
    if (bytes[at] === LF) {
      found = at > first && bytes[at - 1] === CR ? at - 1 : at;
      isText ||= bytes[at + 1] === DASH && bytes[at + 2] === DASH;
    } else if (!isPrintable(bytes[at]) && !(bytes[at] === CR && bytes[at + 1] === LF)) break;
  }
  return isText ? found : end;
}

/** Whether two line ends are the last bytes before `end`. */
function endsWithEmptyLine(bytes: Uint8Array, end: number): boolean {
  if (bytes[end - 1] !== LF) return false;
  return bytes[end - 2] === LF || bytes[end - 2] === CR && bytes[end - 3] === LF;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f || byte === 0x09;
}
