/**
 * The page that calls: its buttons and texts.
 *
 * @module
 */

import { canPlay, Sound } from "../page/sound.js";
import { Viewer } from "../page/viewer.js";
import { keepAwake, letSleep } from "../phone_page/awake.js";
import { Sending } from "../phone_page/sending.js";
import { CallLine } from "./call_line.js";
import {
  clock,
  HEADLINES,
  NEEDS_HTTPS,
  NEEDS_LINK,
  outcomeOf,
  reasonFor,
  sentence,
  set,
  STATES,
  without,
} from "./texts.js";

/** The elements that have an id, by id. */
const at = Object.fromEntries(
  Array.from(document.querySelectorAll("[id]"), (element) => [element.id, element]),
);

const NAMELESS = "A browser"; // who gives no name
const NAME = "camcat-name"; // where it is kept
const RETRY_MS = 2000;

/** Why nobody can be called; undefined until that is known, empty if one can. */
let obstacle;
let waitMs;
/** The token of the link, until it was shown. */
let token = "";
/** The call that rings, lasts, or was the last. */
let call;
let begunAt;
let hasStoppedCamera = false;

const join = (as) => () => ({ type: "join", call: call.id, as });
const viewer = new Viewer(at.picture, { onChange: render, first: join("viewer") });
const sending = new Sending(at.self, {
  onChange: render,
  cancelsEcho: true,
  first: join("sender"),
  canPost: false,
});
const { line, camera, microphone } = sending;
camera.facing = "user";
let sound;

/** Begins: gets a session for the token, which it removes from the address bar. */
async function begin() {
  token = location.hash.slice(1) || token;
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  try {
    if (token !== "") await fetch("session", { method: "POST", body: token });
    token = "";
    const response = await fetch("call.json", { cache: "no-store" });
    if (response.status === 401) obstacle = NEEDS_LINK;
    else if (navigator.mediaDevices === undefined) obstacle = NEEDS_HTTPS;
    else {
      waitMs = (await response.json()).wait;
      obstacle = "";
    }
  } catch {
    setTimeout(begin, RETRY_MS);
  }
  render();
}

/** Rings. Camera and microphone are opened at once: the browser may have to ask for them. */
function ring() {
  const name = at.own.value.trim() || NAMELESS;
  localStorage.setItem(NAME, at.own.value.trim());
  begunAt = undefined;
  hasStoppedCamera = false;
  microphone.isMuted = false;
  sending.name = name;
  sending.hasSound = true;
  call = new CallLine({ name, waitMs, onChange: follow });
  sending.openCamera({}).then(lookForCameras);
  microphone.open();
  keepAwake();
  render();
  at.end.focus();
}

/** Does what a change of the call makes necessary. */
function follow() {
  if (call.state === "live") {
    begunAt ??= performance.now();
    line.connect();
    if (!document.hidden) viewer.watch();
  } else if (call.state === "over") {
    sound?.stop();
    sound = undefined;
    viewer.stop("connecting");
    line.close("connecting");
    microphone.close();
    camera.close("");
    letSleep();
    if (call.outcome === "unreachable") begin(); // it may be the link
  }
  render();
  if (call.state === "over") at.ring.focus();
}

/** Opens the camera again, or closes it. */
async function setCamera(isOn) {
  hasStoppedCamera = !isOn;
  if (isOn) await sending.openCamera({});
  else camera.close("its user has stopped the camera");
}

async function lookForCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  at.turn.dataset.count = devices.filter(({ kind }) => kind === "videoinput").length;
  render();
}

/** Whether a call rings or lasts. */
function isCalling() {
  return call !== undefined && call.state !== "over";
}

at.own.value = localStorage.getItem(NAME) ?? "";
at.ask.onsubmit = (event) => {
  event.preventDefault();
  if (!isCalling()) ring();
};
at.end.onclick = () => call.hangUp();
at.mute.onclick = () => {
  microphone.isMuted = !microphone.isMuted;
  sending.tell();
};
at.stop.onclick = () => setCamera(hasStoppedCamera);
at.turn.onclick = () => {
  camera.facing = camera.facing === "user" ? "environment" : "user";
  setCamera(true);
};
document.onclick = () => microphone.touched();
document.onkeydown = (event) => {
  const isOther = event.ctrlKey || event.altKey || event.metaKey;
  const button = { m: at.mute, c: at.stop, q: at.end }[event.key];
  if (isOther || !isCalling() || button === undefined || button.hidden) return;
  button.click();
  event.preventDefault();
};
document.onvisibilitychange = () => {
  sending.tell();
  if (!isCalling()) return;
  if (document.hidden) viewer.stop("connecting"); // the sound goes on
  else {
    if (call.state === "live") viewer.watch();
    if (camera.isClosed && !hasStoppedCamera) setCamera(true);
    keepAwake();
  }
};
// Whoever closes the page hangs up.
addEventListener("pagehide", () => isCalling() && call.hangUp());
addEventListener("hashchange", begin);

function stateOf() {
  if (call === undefined || call.outcome === "unreachable") {
    if (obstacle === undefined) return "starting";
    if (obstacle !== "") return "locked";
    if (call === undefined) return "ready";
  }
  if (call.state !== "live") return call.state;
  return { live: "live", silent: "silent", lost: "no-picture" }[viewer.state] ?? "waiting";
}

/** Follows whether each end has sound. */
function followSound() {
  if (call?.state !== "live") return;
  if (sending.hasSound && line.wantsSound === false) {
    sending.hasSound = false;
    microphone.close();
    sending.tell();
  }
  if (canPlay && viewer.sound !== undefined && sound === undefined) {
    sound = new Sound(`sound.webm?call=${call.id}`);
    sound.start();
  }
}

let counted = { frames: 0, at: performance.now() };

/** Updates the page: once a second, and when something has changed. */
function render() {
  followSound();
  const state = stateOf();
  const calls = isCalling();
  const name = call?.name ?? "Call";
  set(at.name, name);
  document.title = (state === "live" || !STATES[state] ? "" : `[${STATES[state]}] `) + name;
  document.body.dataset.state = state;
  document.body.dataset.facing = camera.facing;
  set(at.state, STATES[state] ?? "");
  at.ask.hidden = state !== "ready" && state !== "over";
  set(at.outcome, outcomeOf(call, begunAt !== undefined));
  at.notice.hidden = !(state in HEADLINES);
  set(at.headline, HEADLINES[state] ?? "");
  set(at.reason, state === "locked" ? obstacle : reasonFor(state, name, viewer.reason));
  const silence = call?.state === "live" && viewer.sound?.live === false && viewer.sound.reason;
  set(
    at.problem,
    calls
      ? [
        without(camera.advice, "picture"),
        without(sending.hasSound ? microphone.advice : "", "voice"),
        silence ? `You do not hear ${name}: ${sentence(silence)}` : "",
      ].filter(Boolean).join(" ")
      : "",
  );
  at.picture.setAttribute(
    "aria-label",
    `${state === "live" ? "Picture" : "No picture"} of ${name}`,
  );
  at.figures.hidden = !calls;
  at.self.hidden = !calls || camera.problem !== "";
  at.end.hidden = at.stop.hidden = !calls;
  set(at.end, begunAt === undefined ? "Cancel" : "Hang up");
  at.mute.hidden = !calls || !sending.hasSound || microphone.problem !== "";
  at.mute.setAttribute("aria-pressed", microphone.isMuted);
  at.stop.setAttribute("aria-pressed", hasStoppedCamera);
  at.turn.hidden = !calls || !(at.turn.dataset.count > 1);

  const now = performance.now();
  const isLive = state === "live";
  if (now - counted.at >= 900 || !isLive) {
    const fps = (viewer.frames - counted.frames) * 1000 / (now - counted.at);
    counted = { frames: viewer.frames, at: now };
    set(at.fps, isLive ? fps.toFixed(1) : "–");
    const delay = isLive ? viewer.latencyMs : undefined;
    set(at.delay, delay === undefined ? "–" : `${Math.max(0, delay).toFixed(0)} ms`);
  }
  set(at.time, calls && begunAt !== undefined ? clock(now - begunAt) : "–");
}

setInterval(() => {
  sending.tick();
  render();
}, 1000);
begin();
