/**
 * Removing secrets from texts: keys, tokens, passwords.
 *
 * @module
 */

import { hasKeyChecksum, KEY_CHARACTERS, keyCharacters } from "./key_text.ts";

/** Stands in place of a secret. */
const HIDDEN = "***";

/** `SCHEME://` and what follows it, up to a blank or a quote. */
const URL_PART = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s"'<>]*)/gi;
/** A URL with a blank in its password: a colon, no port after it, a blank, and an `@` later. */
const URL_WITH_BLANK =
  /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s"'<>@/:]{0,200}:(?!\d{1,5}\b)[^\s@]{0,200}[ \t][^\n@]{0,200}@/gi;
/** `USER:PASSWORD@HOST` without a scheme. */
const USERINFO = /[^\s"'<>:@/[\]()]{1,200}:(?!\/\/)[^\s"'<>@]{1,200}@(?=[\w.*[])/g;
/** A token of a link: 39 characters in base64url that begin with a time between 2021 and 2089. */
const SHARE_TOKEN = /(?<!\w|\w-)A[G-N][\w-]{37}(?![\w-])/g;
/** `NAME=VALUE` where the name announces a secret. */
const SETTING =
  /((?:pass(?:word|wd|phrase)?|pwd|token|secret|share|api_?key|auth|(?<![a-z])key)=)[^\s&;,"'<>]+/gi;
/** HTTP's `Authorization` (RFC 9110 section 11.6.2). */
const AUTHORIZATION = /\b((?:basic|bearer) )[a-z0-9+/_.~-]{8,}=*/gi;
/** A run of letters and digits with nothing but single blanks and hyphens between them. */
const REGION = /[a-z0-9](?:[a-z0-9]|[\s-]+(?=[a-z0-9]))*/gi;
/** Groups as keys are written, with groups that are missing or of a wrong length. */
const HYPHENED = /(?<![a-z0-9]|[a-z0-9]-)[a-z0-9]{2,10}(?:-[a-z0-9]{2,10}){4,}(?![a-z0-9-])/gi;
/** The same with blanks: of four characters each, because words have any number. */
const SPACED = /(?<![a-z0-9])[a-z0-9]{4}(?:[ \t][a-z0-9]{4}){4,}(?![a-z0-9])/gi;
/** A key without hyphens, some characters too short or too long. */
const UNBROKEN = /(?<![a-z0-9])[a-z0-9]{28,36}(?![a-z0-9])/gi;
/** An HTTP token, 32 bytes in base64url: 43 characters, or one more or less. */
const TOKEN = /(?<!\w|\w-)[\w-]{42,44}(?![\w-])/g;

/**
 * Replaces everything that parses as a key, a token or the user and password of a URL, or looks like
 * one that was mistyped. Queries of URLs are removed, too: cameras take passwords there. Texts from
 * the command line, from other programs and from peers pass through here before anybody sees them.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(URL_PART, (_, scheme, rest) => scheme + withoutUserinfo(rest))
    .replace(URL_WITH_BLANK, `$1${HIDDEN}@`)
    .replace(USERINFO, `${HIDDEN}@`)
    .replace(SETTING, `$1${HIDDEN}`)
    .replace(AUTHORIZATION, `$1${HIDDEN}`)
    .replace(SHARE_TOKEN, (run) => isRandom(run) ? HIDDEN : run)
    .replace(TOKEN, (run) => isRandom(run) ? HIDDEN : run)
    .replace(REGION, withoutKeys)
    .replace(HYPHENED, (groups) => mixedGroups(groups, "-") >= 2 ? HIDDEN : groups)
    .replace(SPACED, (groups) => mixedGroups(groups, /\s/) >= 2 ? HIDDEN : groups)
    .replace(UNBROKEN, (run) => isMixed(run) && !/^[0-9a-f]+$/i.test(run) ? HIDDEN : run);
}

/** Removes user and password from what follows `SCHEME://`; with `/ ? #` in them they end at the last `@`. */
function withoutUserinfo(rest: string): string {
  const end = rest.search(/[/?#]/);
  const at = rest.lastIndexOf("@");
  const isPlain = (end < 0 || at < end) && rest.slice(0, at) !== HIDDEN;
  const shown = at < 0 ? rest : (isPlain ? "" : `${HIDDEN}@`) + rest.slice(at + 1);
  return shown.replace(/\?.*/, `?${HIDDEN}`);
}

/** Replaces every key in a run of letters, digits, blanks and hyphens. */
function withoutKeys(region: string): string {
  if (region.length < KEY_CHARACTERS) return region;
  const characters = keyCharacters(region);
  if (characters.length < KEY_CHARACTERS) return region;
  const places = [...region.matchAll(/[a-z0-9]/gi)].map(({ index }) => index);
  let result = "";
  let from = 0;
  for (let first = 0; first + KEY_CHARACTERS <= places.length; first++) {
    if (!hasKeyChecksum(characters, first)) continue;
    result += region.slice(from, places[first]) + HIDDEN;
    first += KEY_CHARACTERS - 1;
    from = places[first] + 1;
  }
  return result + region.slice(from);
}

/** How many groups have letters and digits both, as few words have. */
function mixedGroups(groups: string, separator: string | RegExp): number {
  return groups.split(separator).filter(isMixed).length;
}

function isMixed(text: string): boolean {
  return /[a-z]/i.test(text) && /\d/.test(text);
}

/** Whether it is no name of words or of a device (`usb-…-video-index0`). */
function isRandom(run: string): boolean {
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && !/-index\d+$/.test(run);
}
