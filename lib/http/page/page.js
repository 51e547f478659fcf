/**
 * The page: its buttons, texts and key presses around the picture.
 *
 * @module
 */

import { parseKey, tokenOf } from "./key.js";
import { pair, parseCode } from "./pair.js";
import { canPlay, Sound } from "./sound.js";
import { Viewer } from "./viewer.js";

/** The elements that have an id, by id. */
const at = Object.fromEntries(
  Array.from(document.querySelectorAll("[id]"), (element) => [element.id, element]),
);

/** How long a whole picture may take over a slow link. */
const SNAPSHOT_MS = 10_000;
const STATES = {
  connecting: "Connecting",
  waiting: "Waiting",
  live: "Live",
  silent: "No signal",
  lost: "No signal",
  offline: "Disconnected",
  locked: "Key needed",
  paused: "Paused",
};

/** Text over the picture in states in which the picture alone could mislead. */
const HEADLINES = {
  waiting: "Waiting for a picture",
  silent: "NO SIGNAL",
  lost: "",
  offline: "NO SIGNAL",
  paused: "Paused",
};

/** The token of the key; kept while the page is open, in case the session ends. */
let token;
let isPaused = false;

const viewer = new Viewer(at.picture, { onChange: render, authorize });

const sound = new Sound();

/** The token of a link that was opened. It stays in the address, which is the link. */
const share = new URLSearchParams(location.search).get("share");

/** Whether we may watch. Rejects if the sender cannot be reached. */
async function authorize() {
  const query = share === null ? "" : `?share=${encodeURIComponent(share)}`;
  const { status } = await fetch(`session${query}`, { cache: "no-store" });
  if (status !== 401) return true;
  return token !== undefined && await present(token);
}

async function present(token) {
  const { ok } = await fetch("session", { method: "POST", body: token });
  return ok;
}

/** Uses a key or a code. @returns {Promise<string>} what is wrong, empty if nothing */
async function unlock(text) {
  try {
    const code = parseCode(text);
    const mine = code === undefined ? tokenOf(parseKey(text)) : await pair(code);
    if (!await present(mine)) return "This is not the key of this camera.";
    token = mine;
    return "";
  } catch (error) {
    return error instanceof TypeError ? "The sender cannot be reached." : error.message;
  }
}

/** Starts watching. Removes the key from the address bar, where others could read it later. */
async function begin() {
  const { hash, pathname, search } = location;
  const key = hash.slice(1);
  if (hash !== "") history.replaceState(null, "", pathname + search);
  const problem = key === "" ? "" : await unlock(key);
  if (problem !== "") {
    viewer.stop("locked");
    at.problem.textContent = problem;
    return;
  }
  await viewer.watch(new URLSearchParams(search).get("camera") ?? undefined);
}

let isUnlocking = false;
at.ask.onsubmit = async (event) => {
  event.preventDefault();
  if (isUnlocking) return; // a code must not be tried twice
  isUnlocking = true;
  at.problem.textContent = "";
  const problem = await unlock(at.key.value);
  isUnlocking = false;
  at.problem.textContent = problem;
  if (problem !== "") return at.key.focus();
  at.key.value = "";
  await viewer.watch();
};

/** Whether the list of cameras was requested; we may know it only with the key. */
let hasCameras = false;
async function listCameras() {
  hasCameras = true;
  try {
    const { cameras } = await (await fetch("status.json")).json();
    const options = cameras.map(({ name }) => new Option(name, name));
    at.cameras.replaceChildren(...options);
    at.choice.hidden = cameras.length < 2;
    at.cameras.value = viewer.name;
  } catch {
    hasCameras = false;
  }
}

function choose(camera) {
  const url = new URL(location.href);
  url.searchParams.set("camera", camera);
  history.replaceState(null, "", url);
  at.cameras.value = camera;
  setPaused(false, camera);
}

function setPaused(paused, camera) {
  isPaused = paused;
  at.pause.setAttribute("aria-pressed", paused);
  if (paused) viewer.stop("paused");
  else viewer.watch(camera);
}

/**
 * Saves the picture as the camera gave it: the one on show may be smaller, where the link is slow or
 * the window is small. Paused, or if it cannot be had, saves the one on show.
 */
async function saveSnapshot() {
  if (viewer.shown === undefined) return;
  const { jpeg, capturedAt } = await wholePicture() ?? viewer.shown;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" }));
  const time = new Date(capturedAt).toISOString().replaceAll(":", "-");
  link.download = `${viewer.name.replace(/[^\p{L}\p{N}_-]+/gu, "-")}-${time}.jpg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The newest picture of the camera; undefined if it is not live. */
async function wholePicture() {
  if (viewer.state !== "live") return undefined;
  const url = new URL("snapshot.jpg", document.baseURI);
  url.searchParams.set("camera", viewer.name);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(SNAPSHOT_MS) });
    if (!response.ok) return undefined;
    const capturedAt = Number(response.headers.get("X-Timestamp")) * 1000 || Date.now();
    return { jpeg: await response.arrayBuffer(), capturedAt };
  } catch {
    return undefined;
  }
}

function toggleFull() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (at.stage.requestFullscreen) at.stage.requestFullscreen().catch(toggleWide);
  else toggleWide();
}

function toggleWide() {
  document.body.classList.toggle("wide");
}

at.pause.onclick = () => setPaused(!isPaused);
at.sound.onclick = () => {
  if (sound.isOn) sound.stop();
  else sound.start(viewer.name);
  render();
};
at.snapshot.onclick = saveSnapshot;
at.full.onclick = toggleFull;
at.picture.onclick = () => document.body.classList.contains("wide") && toggleWide();
at.cameras.onchange = () => choose(at.cameras.value);
document.onfullscreenchange = () =>
  at.full.setAttribute("aria-pressed", document.fullscreenElement !== null);

document.onkeydown = (event) => {
  const isTyping = event.target.matches("input, select");
  if (isTyping || event.ctrlKey || event.altKey || event.metaKey || !at.ask.hidden) return;
  const names = Array.from(at.cameras.options, ({ value }) => value);
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (event.key === " " && !event.target.matches("button")) setPaused(!isPaused);
  else if (event.key === "s") saveSnapshot();
  else if (event.key === "f") toggleFull();
  else if (event.key === "m" && !at.sound.hidden) at.sound.click();
  else if (step !== undefined && names.length > 1) {
    choose(names.at((names.indexOf(viewer.name) + step) % names.length));
  } else return;
  event.preventDefault();
};

// A hidden page needs no pictures; this saves the battery of a phone.
document.onvisibilitychange = () => {
  if (isPaused || viewer.state === "locked") return;
  if (document.hidden) viewer.stop("connecting");
  else viewer.watch();
};
addEventListener("hashchange", begin);

let counted = { frames: 0, at: performance.now() };

/** Updates the page: once a second, and when the state changes. */
function render() {
  const { state } = viewer;
  if (viewer.name !== "" && !hasCameras) listCameras();
  set(at.name, viewer.name || "camcat");
  document.title = `${state === "live" ? "" : `[${STATES[state]}] `}${viewer.name || "camcat"}`;
  document.body.dataset.state = state;
  set(at.state, STATES[state]);
  if (document.activeElement !== at.cameras) at.cameras.value = viewer.name;
  at.ask.hidden = state !== "locked";
  at.notice.hidden = !(state in HEADLINES) || (state === "lost" && viewer.reason === "");
  set(at.headline, HEADLINES[state] ?? "");
  set(at.reason, reasonFor(state));
  const label = { live: "Live picture of", paused: "Stopped picture of" }[state] ?? "No picture of";
  at.picture.setAttribute("aria-label", `${label} ${viewer.name || "the camera"}`);
  const hasSound = canPlay && viewer.sound !== undefined;
  at.sound.hidden = !hasSound;
  at.sound.setAttribute("aria-pressed", sound.isOn);
  if (hasSound) sound.follow(viewer.name);
  else if (viewer.sound === undefined && state === "live") sound.stop();
  at.loudness.hidden = !sound.isOn;
  const silence = viewer.sound?.reason;
  at.sound.title = silence ? `M: no sound now. ${silence}` : "M: hear it";
  at.snapshot.disabled = viewer.shown === undefined || state === "offline" || state === "locked";
  at.pause.disabled = state === "locked";

  const now = performance.now();
  const isLive = state === "live";
  if (now - counted.at >= 900 || !isLive) {
    const fps = (viewer.frames - counted.frames) * 1000 / (now - counted.at);
    counted = { frames: viewer.frames, at: now };
    set(at.fps, isLive ? fps.toFixed(1) : "–");
    const latency = isLive ? viewer.latencyMs : undefined;
    set(at.latency, latency === undefined ? "–" : `${Math.max(0, latency).toFixed(0)} ms`);
  }
  set(at.drops, viewer.name === "" ? "–" : `${viewer.drops}`);
}

/** Why there is no live picture, and since when: the time of the last one. */
function reasonFor(state) {
  if (state !== "silent" && state !== "offline") return viewer.reason;
  const since = viewer.liveAt === undefined
    ? ""
    : `Since ${new Date(viewer.liveAt).toLocaleTimeString()}. `;
  return since +
    (state === "silent" ? "The sender does not answer." : `${viewer.reason} Trying again.`);
}

setInterval(() => at.loudness.value = sound.level ?? 0, 100);

/** Changes a text only if it differs: a screen reader would read it out again. */
function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

begin();
