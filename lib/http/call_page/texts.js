/**
 * The texts of the page that calls.
 *
 * @module
 */

/** What is written beside the name, by the state of the page. */
export const STATES = {
  locked: "Not let in",
  ringing: "Ringing",
  waiting: "Waiting",
  live: "Live",
  silent: "No signal",
  "no-picture": "No picture",
  lost: "Connection lost",
  over: "Over",
};
/** What is written over the picture. */
export const HEADLINES = {
  locked: "Cannot call",
  ringing: "Ringing",
  waiting: "Waiting for a picture",
  silent: "NO SIGNAL",
  "no-picture": "",
  lost: "Connection lost",
};
/** Why a call is over, or did not begin: see {@linkcode CallLine}. */
const OUTCOMES = {
  refused: "Your call was refused.",
  busy: "Busy: there is another call.",
  "no answer": "Nobody answers.",
  unreachable: "That machine cannot be reached.",
  lost: "The connection did not come back.",
};
/** Why nobody can be called. */
export const NEEDS_LINK =
  "Open the link that the other end shows. One from before it got a new key is " +
  "not good any more.";
export const NEEDS_HTTPS = "Browsers give camera and microphone to https pages only.";

/**
 * What has become of a call, for its user; empty while it is not over.
 *
 * @param {CallLine | undefined} call
 * @param {boolean} hasBegun whether it was accepted
 */
export function outcomeOf(call, hasBegun) {
  switch (call?.outcome) {
    case undefined:
      return "";
    case "us":
      return hasBegun ? "You have hung up." : "You have given up.";
    case "them":
      return `${call.name} has hung up.`;
    default:
      return OUTCOMES[call.outcome] ?? sentence(call.outcome);
  }
}

/** Why there is no live picture of somebody. @param {string} said what the other end says of it */
export function reasonFor(state, name, said) {
  switch (state) {
    case "silent":
      return `${name} does not answer.`;
    case "no-picture":
      return sentence(said);
    case "lost":
      return "Waiting for it.";
    default:
      return "";
  }
}

/** What the user should know of a camera or microphone that cannot be had; empty if it can. */
export function without(advice, what) {
  return advice === "" ? "" : `${advice} The call goes on without your ${what}.`;
}

/** A text with a capital letter and a full stop. */
export function sentence(text) {
  return text === "" ? "" : text[0].toUpperCase() + text.slice(1).replace(/\.?$/, ".");
}

/** A time as `1:05`, or `1:00:05`. */
export function clock(ms) {
  const [hours, minutes, seconds] = [3600, 60, 1].map((unit) => Math.floor(ms / 1000 / unit));
  const two = (count) => `${count % 60}`.padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** Changes a text only if it differs: a screen reader would read it out again. */
export function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
