/**
 * The page of recordings: its days, lists, buttons and key presses around the player.
 *
 * @module
 */

import { parseKey, tokenOf } from "../page/key.js";
import { clock, DayLine, dayOf } from "./day.js";
import { Playback } from "./playback.js";
import { Recording, request } from "./recording.js";

/** The elements that have an id, by id. */
const at = Object.fromEntries(
  Array.from(document.querySelectorAll("[id]"), (element) => [element.id, element]),
);

/** Time between two looks for new recordings. */
const LOOK_MS = 5000;
const ALL = "";

/** All recordings, as the receiver lists them. */
let all = [];
/** The day that is shown, by its first moment; undefined until there is one. */
let day;
/** The recording in the player, as it is in the list. */
let current;
/** A seek that waits until the one before has been done. */
let wanted;
let isSeeking = false;

const playback = new Playback(at.picture, {
  onChange: renderPlayer,
  onEnd: () => playNext(),
  onError: (error) =>
    tell(error.status === undefined ? "The receiver cannot be reached." : error.message),
});

const line = new DayLine(at, (time, isRough) => seekTo(time, isRough));

/** Starts with the key in the address, or asks for it. */
async function begin() {
  const key = location.hash.slice(1);
  if (key !== "") history.replaceState(null, "", location.pathname);
  if (key !== "") await unlock(key);
  const { status } = await fetch("session", { cache: "no-store" });
  lock(status === 401);
  if (status !== 401) await look();
}

async function unlock(text) {
  try {
    const body = tokenOf(parseKey(text), "archive");
    const { ok } = await fetch("session", { method: "POST", body });
    at.problem.textContent = ok ? "" : "This is not the key of this receiver.";
  } catch (error) {
    at.problem.textContent = error instanceof TypeError
      ? "The receiver cannot be reached."
      : error.message;
  }
}

function lock(isLocked) {
  document.body.dataset.state = isLocked ? "locked" : "open";
  at.ask.hidden = !isLocked;
  if (isLocked) at.key.focus();
}

at.ask.addEventListener("submit", async (event) => {
  event.preventDefault();
  await unlock(at.key.value);
  if (at.problem.textContent === "") await begin();
});

/** Asks for the list, and shows what is new. */
async function look() {
  try {
    const answer = await (await request("recordings.json")).json();
    const isNew = JSON.stringify(answer.recordings) !== JSON.stringify(all);
    all = answer.recordings;
    if (isNew || day === undefined) render();
  } catch (error) {
    if (error.status === 401) lock(true);
    else tell(error.status === undefined ? "The receiver cannot be reached." : error.message);
  }
}

setInterval(() => {
  if (!document.hidden && document.body.dataset.state === "open") look();
}, LOOK_MS);

const ofCamera = () => {
  const camera = at.cameras.value;
  return camera === ALL ? all : all.filter((it) => it.camera === camera);
};
const ofDay = () => ofCamera().filter(({ start }) => dayOf(start) === day);
const days = () => [...new Set(ofCamera().map(({ start }) => dayOf(start)))];

function render() {
  const cameras = [...new Set(all.map(({ camera }) => camera))].sort();
  fill(at.cameras, cameras.map((name) => [name, name || "–"]), at.cameras.value);
  at.choice.hidden = cameras.length < 2;
  const known = days();
  const latest = known.at(-1);
  // Whoever looks at the newest day wants the next one, too.
  if (!known.includes(day)) day = latest;
  const names = known.toReversed().map((it) => [
    `${it}`,
    new Date(it).toLocaleDateString([], {
      ...{ weekday: "short", day: "numeric", month: "short", year: "numeric" },
    }),
  ]);
  fill(at.day, names, `${day}`);
  at.earlier.disabled = known.indexOf(day) <= 0;
  at.later.disabled = day === latest;
  at.empty.hidden = all.length > 0;
  at.empty.textContent = "Nothing has been recorded yet.";
  const recordings = ofDay();
  line.show(day ?? dayOf(Date.now()), recordings);
  renderList(recordings.toReversed());
  if (current === undefined && recordings.length > 0) open(recordings.at(-1), 0);
}

function fill(select, options, value) {
  const made = options.map(([value, text]) => new Option(text, value));
  select.replaceChildren(...made);
  if (options.some(([it]) => it === value)) select.value = value;
}

/** Keeps the items that stay, with their pictures. */
function renderList(recordings) {
  const known = new Map([...at.list.children].map((item) => [item.dataset.name, item]));
  const items = recordings.map((recording) => {
    const item = known.get(recording.name) ?? newItem(recording);
    const seconds = Math.max(0, Math.round((recording.end - recording.start) / 1000));
    const [title, facts] = item.querySelectorAll(".facts > *");
    title.textContent = [clock(recording.start, true), recording.reason].filter(Boolean).join(
      " · ",
    );
    facts.textContent = [
      recording.camera,
      `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`,
      size(recording.bytes),
    ].filter(Boolean).join(" · ");
    item.classList.toggle("current", recording.name === current?.name);
    return item;
  });
  const isSame = items.length === at.list.children.length &&
    items.every((item, index) => item === at.list.children[index]);
  if (!isSame) at.list.replaceChildren(...items); // this would take the focus
}

function newItem(recording) {
  const item = at.card.content.firstElementChild.cloneNode(true);
  item.dataset.name = recording.name;
  const query = new URLSearchParams({ name: recording.name });
  const time = clock(recording.start, true);
  item.querySelector("img").src = `picture.jpg?${query}`;
  const button = item.querySelector(".open");
  button.setAttribute("aria-label", `Play the recording of ${time}`);
  button.addEventListener("click", async () => {
    await open(recording, 0);
    playback.play();
  });
  const download = item.querySelector("a");
  download.href = `recording.mkv?${query}`;
  download.setAttribute("aria-label", `Download the recording of ${time}`);
  const remove = item.querySelector(".delete");
  remove.setAttribute("aria-label", `Delete the recording of ${time}`);
  remove.addEventListener("click", () => ask(recording));
  return item;
}

function size(bytes) {
  const megabytes = bytes / 1e6;
  return megabytes < 1000 ? `${megabytes.toFixed(1)} MB` : `${(megabytes / 1000).toFixed(2)} GB`;
}

/** Puts a recording into the player. */
async function open(recording, ms, isRough = false) {
  tell("");
  if (recording.name !== current?.name) {
    current = recording;
    for (const item of at.list.children) {
      item.classList.toggle("current", item.dataset.name === recording.name);
    }
  }
  const isLoaded = playback.recording?.name === recording.name;
  await playback.seek(isLoaded ? playback.recording : new Recording(recording), ms, isRough);
}

/** Goes to a time of the day, or to the next recording after it. Of many wishes the last counts. */
async function seekTo(time, isRough) {
  wanted = { time, isRough };
  if (isSeeking) return;
  isSeeking = true;
  while (wanted !== undefined) {
    const { time, isRough } = wanted;
    wanted = undefined;
    const recordings = ofDay();
    const recording = recordings.find(({ end }) => end > time) ?? recordings.at(-1);
    if (recording === undefined) continue;
    const isLoaded = playback.recording?.name === recording.name;
    const start = isLoaded ? playback.recording.start : recording.start;
    await open(recording, Math.max(0, time - start), isRough);
  }
  isSeeking = false;
}

async function playNext(direction = 1) {
  const recordings = ofCamera();
  const index = recordings.findIndex(({ name }) => name === current?.name);
  const next = recordings[index + direction];
  if (index < 0 || next === undefined) return;
  if (dayOf(next.start) !== day) showDay(dayOf(next.start));
  await open(next, 0);
  playback.play();
}

function showDay(next) {
  day = next;
  render();
}

function renderPlayer() {
  at.play.textContent = playback.isPlaying ? "Pause" : "Play";
  at.play.setAttribute("aria-pressed", `${playback.isPlaying}`);
  at.sound.hidden = !playback.recording?.hasSound;
  at.sound.setAttribute("aria-pressed", `${!playback.isMuted}`);
  const { time } = playback;
  line.mark(time);
  if (time === undefined) return;
  const ms = `${Math.floor(time % 1000)}`.padStart(3, "0");
  at.time.textContent = `${clock(time, true)}.${ms}`;
  at.picture.setAttribute("aria-label", `Picture of ${new Date(time).toLocaleString()}`);
}

/** Says something over the picture. */
function tell(text) {
  at.notice.hidden = text === "";
  at.reason.textContent = text;
}

let doomed;

function ask(recording) {
  doomed = recording;
  at.question.textContent =
    `Delete the recording of ${new Date(recording.start).toLocaleString()}` +
    `${recording.camera && `, ${recording.camera}`} (${size(recording.bytes)})?`;
  at.confirm.showModal();
}

at.keep.addEventListener("click", () => at.confirm.close());
at.erase.addEventListener("click", async () => {
  at.confirm.close();
  try {
    await request(`delete?${new URLSearchParams({ name: doomed.name })}`, { method: "POST" });
    if (doomed.name === current?.name) {
      playback.pause();
      current = undefined;
    }
    await look();
  } catch (error) {
    tell(error.status === undefined ? "The receiver cannot be reached." : error.message);
  }
});

function toggle() {
  if (playback.isPlaying) playback.pause();
  else playback.play();
}

function mute() {
  playback.isMuted = !playback.isMuted;
}

function setSpeed(direction) {
  const { options, selectedIndex } = at.speed;
  at.speed.selectedIndex = Math.max(0, Math.min(options.length - 1, selectedIndex + direction));
  playback.speed = Number(at.speed.value);
}

at.play.addEventListener("click", toggle);
at.back.addEventListener("click", () => playback.step(-1));
at.step.addEventListener("click", () => playback.step(1));
at.speed.addEventListener("change", () => setSpeed(0));
at.sound.addEventListener("click", mute);
at.in.addEventListener("click", () => line.zoom(1));
at.out.addEventListener("click", () => line.zoom(-1));
at.day.addEventListener("change", () => showDay(Number(at.day.value)));
at.earlier.addEventListener("click", () => showDay(days()[days().indexOf(day) - 1]));
at.later.addEventListener("click", () => showDay(days()[days().indexOf(day) + 1]));
at.cameras.addEventListener("change", () => {
  current = undefined;
  render();
});

const KEYS = {
  " ": toggle,
  ",": () => playback.step(-1),
  ".": () => playback.step(1),
  "[": () => setSpeed(-1),
  "]": () => setSpeed(1),
  "m": mute,
  "+": () => line.zoom(1),
  "-": () => line.zoom(-1),
  "n": () => playNext(1),
  "p": () => playNext(-1),
};

document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, altKey, metaKey } = event;
  if (ctrlKey || altKey || metaKey || at.confirm.open || document.body.dataset.state !== "open") {
    return;
  }
  if (target.matches("input, select") || key === " " && target.matches("button, a")) return;
  if (!Object.hasOwn(KEYS, key)) return;
  event.preventDefault();
  KEYS[key]();
});

begin().catch(() => tell("The receiver cannot be reached."));
