/**
 * The page on which a phone is the camera: its buttons and texts.
 *
 * @module
 */

import { keepAwake, letSleep } from "./awake.js";
import { Sending } from "./sending.js";

/** The elements that have an id, by id. */
const at = Object.fromEntries(
  Array.from(document.querySelectorAll("[id]"), (element) => [element.id, element]),
);

const STATES = {
  starting: "Starting",
  live: "Live",
  stopped: "Stopped",
  blocked: "No camera",
  offline: "Disconnected",
  replaced: "Replaced",
  locked: "Not let in",
};
const HEADLINES = {
  stopped: "Stopped",
  blocked: "No picture from the camera",
  offline: "Nobody sees this",
  replaced: "Nobody sees this",
  locked: "Scan the code",
};

/** What the sender asks for; undefined until it has said it. */
let picture;
/** The token of the code, until it was shown. */
let token = "";
let isLocked = false;
let isStopped = false;
let isLit = false;

const sending = new Sending(at.picture, { onChange: render });
const { line, camera, microphone } = sending;

/** Begins: gets a session for the token, which it removes from the address bar. */
async function begin() {
  token = location.hash.slice(1) || token;
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  try {
    if (token !== "") await fetch("session", { method: "POST", body: token });
    token = "";
    const response = await fetch("picture.json", { cache: "no-store" });
    isLocked = response.status === 401;
    if (isLocked) return render();
    picture = await response.json();
    sending.name = picture.name;
    sending.hasSound = picture.sound === true;
    sending.adapts = picture.adapt === true;
  } catch {
    setTimeout(begin, 2000);
    return render();
  }
  line.connect();
  await start();
}

async function start() {
  isStopped = false;
  isLit = false;
  keepAwake();
  await sending.openCamera(picture);
  if (picture.sound) await microphone.open();
}

function stop() {
  isStopped = true;
  microphone.close();
  letSleep();
  camera.close("its user has stopped the camera");
}

at.stop.onclick = () => isStopped ? start() : stop();
at.turn.onclick = () => {
  camera.facing = camera.facing === "user" ? "environment" : "user";
  isLit = false;
  if (isStopped) start();
  else sending.openCamera(picture);
};
at.mute.onclick = () => {
  microphone.isMuted = !microphone.isMuted;
  sending.tell();
};
document.onclick = () => microphone.touched();
at.light.onclick = async () => {
  isLit = !isLit;
  await camera.light(isLit).catch(() => isLit = false);
  render();
};
at.act.onclick = () => {
  if (line.state === "replaced") line.connect();
  if (camera.problem !== "") start();
};

document.onvisibilitychange = () => {
  sending.tell();
  if (document.hidden || isStopped || picture === undefined) return;
  keepAwake();
  if (camera.isClosed) start();
};
addEventListener("hashchange", begin);

function stateOf() {
  if (isLocked) return "locked";
  if (line.state === "replaced") return "replaced";
  if (isStopped) return "stopped";
  if (camera.advice !== "") return "blocked";
  if (line.state === "offline") return "offline";
  return line.state === "open" && camera.problem === "" ? "live" : "starting";
}

function reasonFor(state) {
  switch (state) {
    case "locked":
      return "The sender shows it. A code from before it got a new key is not good any more.";
    case "replaced":
    case "offline":
      return sentence(line.reason);
    case "blocked":
      return camera.advice;
    default:
      return "";
  }
}

function sentence(text) {
  return text === "" ? "" : text[0].toUpperCase() + text.slice(1).replace(/\.?$/, ".");
}

/** What the button in the notice does. */
const ACTIONS = { replaced: "Be the camera", blocked: "Try again", stopped: "" };

let counted = { frames: 0, at: performance.now() };

/** Updates the page. */
function render() {
  const state = stateOf();
  set(at.name, picture?.name ?? "camcat");
  document.title = `${state === "live" ? "" : `[${STATES[state]}] `}${picture?.name ?? "camcat"}`;
  document.body.dataset.state = state;
  document.body.dataset.facing = camera.facing;
  set(at.state, STATES[state]);
  at.notice.hidden = !(state in HEADLINES);
  set(at.headline, HEADLINES[state] ?? "");
  set(at.reason, reasonFor(state));
  set(at.act, ACTIONS[state] ?? "");
  at.act.hidden = !ACTIONS[state];
  set(at.stop, isStopped ? "Start" : "Stop");
  set(at.turn, camera.facing === "user" ? "Back camera" : "Front camera");
  at.stop.disabled = at.turn.disabled = picture === undefined;
  at.mute.hidden = !picture?.sound;
  at.mute.setAttribute("aria-pressed", microphone.isMuted);
  at.light.hidden = !camera.hasLight;
  at.light.setAttribute("aria-pressed", isLit);

  const now = performance.now();
  const isLive = state === "live";
  if (now - counted.at >= 900 || !isLive) {
    const fps = (line.frames - counted.frames) * 1000 / (now - counted.at);
    counted = { frames: line.frames, at: now };
    set(at.fps, isLive ? fps.toFixed(1) : "–");
    set(at.size, isLive ? camera.size : "–");
    const delay = isLive ? line.delayMs : undefined;
    set(at.delay, delay === undefined ? "–" : `${Math.max(0, delay).toFixed(0)} ms`);
  }
}

/** Changes a text only if it differs: a screen reader would read it out again. */
function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function everySecond() {
  sending.tick();
  render();
}

setInterval(everySecond, 1000);
if (navigator.mediaDevices === undefined) {
  camera.advice = "This browser gives its camera to https pages only.";
  sending.tell();
} else begin();
