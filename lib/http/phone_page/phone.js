/**
 * The page on which a phone is the camera: its buttons and texts.
 *
 * @module
 */

import { Camera, STARTING } from "./camera.js";
import { Coarseness } from "./coarseness.js";
import { Line } from "./line.js";
import { Microphone } from "./microphone.js";

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

/** How long the camera may take to start, or to be turned, until viewers see NO SIGNAL. */
const START_MS = 2000;

/** What the sender asks for; undefined until it has said it. */
let picture;
let isLocked = false;
let isStopped = false;
let isLit = false;
let startedAt = 0;
let wakeLock;

const line = new Line({ onChange: render, onReady: pump });
const camera = new Camera(at.picture, { onChange: tell, onPicture: pump });

const microphone = new Microphone({
  onChange: tell,
  onPacket: (packet) => line.sendSound(packet),
});

/** Sends pictures while there are new ones, and the line takes them. */
async function pump() {
  if (!line.isReady || !camera.hasPicture || document.hidden) return;
  const taken = await camera.take();
  if (taken !== undefined && taken !== null) line.send(taken.jpeg, taken.time);
  pump();
}

/** Tells the sender whether the picture is live. */
function tell() {
  const isStarting = camera.problem === STARTING && performance.now() - startedAt < START_MS;
  const problem = isStarting ? "" : camera.problem;
  const reason = document.hidden ? "its page is not on show, or its screen is off" : problem;
  const silence = microphone.isMuted ? "its user has muted the microphone" : microphone.problem;
  line.describe({
    name: picture?.name ?? "phone",
    live: reason === "",
    reason,
    ...(picture?.sound ? { sound: { channels: 1, live: silence === "", reason: silence } } : {}),
  });
  render();
}

/** Begins: gets a session for the token, which it removes from the address bar. */
async function begin() {
  const token = location.hash.slice(1);
  if (token !== "") history.replaceState(null, "", location.pathname);
  try {
    if (token !== "") await fetch("session", { method: "POST", body: token });
    const response = await fetch("picture.json", { cache: "no-store" });
    isLocked = response.status === 401;
    if (isLocked) return render();
    picture = await response.json();
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
  await openCamera();
  if (picture.sound) await microphone.open();
}

async function openCamera() {
  startedAt = performance.now();
  setTimeout(tell, START_MS + 50);
  await camera.open(picture);
}

function stop() {
  isStopped = true;
  microphone.close();
  wakeLock?.release().catch(() => {});
  camera.close("its user has stopped the camera");
}

/** Keeps the screen on: phones take the camera away from a page that is not on show. */
async function keepAwake() {
  try {
    wakeLock = await navigator.wakeLock?.request("screen");
  } catch {
    // the battery is low, or the page is hidden just now
  }
}

at.stop.onclick = () => isStopped ? start() : stop();
at.turn.onclick = () => {
  camera.facing = camera.facing === "user" ? "environment" : "user";
  isLit = false;
  if (isStopped) start();
  else openCamera();
};
at.mute.onclick = () => {
  microphone.isMuted = !microphone.isMuted;
  tell();
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
  tell();
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

/** Makes pictures smaller and coarser where few of them get through. */
const coarseness = new Coarseness();
let before = { offered: 0, frames: 0 };

function everySecond() {
  const { offered } = camera;
  const { frames } = line;
  const isLive = stateOf() === "live" && !document.hidden;
  if (isLive && picture.adapt) coarseness.second(offered - before.offered, frames - before.frames);
  before = { offered, frames };
  camera.factors = coarseness.factors;
  render();
}

setInterval(everySecond, 1000);
if (navigator.mediaDevices === undefined) {
  camera.advice = "This browser gives its camera to https pages only.";
  tell();
} else begin();
