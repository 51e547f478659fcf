/**
 * Gets the token from a sender that shows a code.
 *
 * @module
 */

/** Reads a code; undefined if it is none. `lib/pairing/code.ts` does the same. */
export function parseCode(text) {
  const digits = text.replace(/[\s-]/g, "");
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}

/**
 * Proves to the sender that we know its code, without telling it.
 *
 * @param {string} code six digits
 * @returns {Promise<string>} the token
 * @throws {Error} with a sentence for the user, if it is not the sender's code
 */
export async function pair(code) {
  // 60 KB, which only a new viewer needs.
  const { fromBase64, PairingGuest, toBase64 } = await import("./pairing.js");
  const guest = await PairingGuest.begin(code, "token");
  const theirs = await post("pair", toBase64(guest.share));
  const confirmation = guest.confirm(fromBase64(theirs.share));
  if (confirmation === undefined) throw new Error(IMPOSTOR);
  const url = `pair?exchange=${encodeURIComponent(theirs.exchange)}`;
  const gift = await post(url, toBase64(confirmation));
  const token = guest.open(fromBase64(gift.confirmation), fromBase64(gift.sealed));
  if (token === undefined) throw new Error(IMPOSTOR);
  return toBase64(token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const IMPOSTOR = "Whoever answered does not know the code. Somebody may be in between.";

async function post(url, body) {
  const response = await fetch(url, { method: "POST", body });
  if (!response.ok) throw new Error(`${await response.text()}`.trim().replace(/\.?$/, "."));
  return await response.json();
}
