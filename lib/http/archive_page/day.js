/**
 * The line of a day: which times of it were recorded.
 *
 * @module
 */

const HOUR_MS = 3_600_000;
/** How much time the line can show, in hours, and between two labels, in minutes. */
const ZOOMS = [[24, 180], [12, 120], [6, 60], [3, 30], [1, 10], [0.25, 2]];
/** A step of the arrow keys. */
const STEP_MS = 10_000;

/** The first moment of a day. */
export const dayOf = (time) => new Date(time).setHours(0, 0, 0, 0);

/** The day after, or before; a day may have 23 or 25 hours. */
export function neighbourOf(day, days) {
  const date = new Date(day);
  return date.setDate(date.getDate() + days);
}

/** A time of day as in the names of files: hours and minutes, with seconds where asked for. */
export function clock(time, isExact = false) {
  const seconds = isExact ? { second: "2-digit" } : {};
  return new Date(time).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...seconds,
  });
}

/** Shows recordings as blocks on a line, and the time that is played; a click goes there. */
export class DayLine {
  #at;
  #day = dayOf(Date.now());
  #zoom = 0;
  /** The left end, in milliseconds since the Unix epoch. */
  #from = this.#day;
  #time;
  #recordings = [];
  #onSeek;

  /**
   * @param at the elements `line`, `hours`, `blocks` and `head`
   * @param {(time: number, isRough: boolean) => void} onSeek
   */
  constructor(at, onSeek) {
    this.#at = at;
    this.#onSeek = onSeek;
    const { line } = at;
    line.addEventListener("pointerdown", (event) => {
      line.setPointerCapture(event.pointerId);
      this.#point(event, true);
    });
    line.addEventListener("pointermove", (event) => {
      if (line.hasPointerCapture(event.pointerId)) this.#point(event, true);
    });
    line.addEventListener("pointerup", (event) => this.#point(event, false));
    line.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1 : -1, this.#timeAt(event));
    }, { passive: false });
    line.addEventListener("keydown", ({ key }) => {
      const step = { ArrowLeft: -STEP_MS, ArrowRight: STEP_MS }[key];
      if (step !== undefined && this.#time !== undefined) onSeek(this.#time + step, false);
    });
  }

  /** Shows a day. @param recordings those of the day, with `start`, `end` and `reason` */
  show(day, recordings) {
    if (day !== this.#day) [this.#day, this.#zoom, this.#from] = [day, 0, day];
    this.#recordings = recordings;
    this.#render();
  }

  /** Marks the time that is played; undefined for none. */
  mark(time) {
    this.#time = time;
    const { from, to } = this;
    if (time !== undefined && dayOf(time) === this.#day && (time < from || time > to)) {
      this.#moveTo(time - (to - from) / 2);
      this.#render();
    }
    this.#markHead();
  }

  /** Shows more or less time around a time. @param {1 | -1} direction 1 for less */
  zoom(direction, around = this.#time ?? (this.from + this.to) / 2) {
    const share = (around - this.from) / (this.to - this.from);
    this.#zoom = Math.min(ZOOMS.length - 1, Math.max(0, this.#zoom + direction));
    this.#moveTo(around - share * this.#spanMs);
    this.#render();
  }

  /** The left end of the line, in milliseconds since the Unix epoch. */
  get from() {
    return this.#from;
  }

  /** The right end. */
  get to() {
    return this.#from + this.#spanMs;
  }

  get #spanMs() {
    return this.#zoom === 0
      ? neighbourOf(this.#day, 1) - this.#day
      : ZOOMS[this.#zoom][0] * HOUR_MS;
  }

  #moveTo(from) {
    const latest = neighbourOf(this.#day, 1) - this.#spanMs;
    this.#from = Math.max(this.#day, Math.min(latest, from));
  }

  #timeAt({ clientX }) {
    const { left, width } = this.#at.line.getBoundingClientRect();
    return this.from + Math.max(0, Math.min(1, (clientX - left) / width)) * this.#spanMs;
  }

  #point(event, isRough) {
    this.#onSeek(this.#timeAt(event), isRough);
  }

  #percent(time) {
    return `${(time - this.from) / this.#spanMs * 100}%`;
  }

  #render() {
    const { hours, blocks } = this.#at;
    const labels = [];
    const everyMs = ZOOMS[this.#zoom][1] * 60_000;
    const first = this.#day + Math.ceil((this.from - this.#day) / everyMs) * everyMs;
    for (let time = first; time < this.to; time += everyMs) {
      const label = document.createElement("span");
      label.style.left = this.#percent(time);
      label.textContent = clock(time);
      labels.push(label);
    }
    hours.replaceChildren(...labels);
    const visible = this.#recordings.filter(({ start, end }) =>
      end >= this.from && start <= this.to
    );
    blocks.replaceChildren(...visible.map(({ start, end, reason }) => {
      const block = document.createElement("span");
      block.style.left = this.#percent(start);
      block.style.width = `${Math.max(0, end - start) / this.#spanMs * 100}%`;
      block.title = `${clock(start, true)} ${reason}`;
      block.className = reason && "reason";
      return block;
    }));
    this.#markHead();
  }

  #markHead() {
    const { head, line } = this.#at;
    const time = this.#time;
    head.hidden = time === undefined || time < this.from || time > this.to;
    if (head.hidden) return;
    head.style.left = this.#percent(time);
    line.setAttribute("aria-valuenow", `${Math.round((time - this.#day) / 1000)}`);
    line.setAttribute("aria-valuetext", clock(time, true));
  }
}
