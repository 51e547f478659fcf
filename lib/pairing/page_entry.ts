/**
 * What the page needs for pairing. `tools/bundle_page.ts` makes `lib/http/page/pairing.js` of it:
 * over plain http a browser has no cryptography of its own.
 *
 * @module
 */

export { fromBase64, toBase64 } from "./base64.ts";
export { PairingGuest } from "./guest.ts";
