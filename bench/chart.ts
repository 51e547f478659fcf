/**
 * Charts as SVG: dots with their spread, or lines, in a page's own light or dark.
 *
 * @module
 */

import type { Figure } from "./figures.ts";

/** A line of dots: one program, in one condition. */
export interface Dot {
  /** Its name, at the left. */
  label: string;
  /** The value with its spread. */
  figure: Figure;
}

/** Dots under a heading. */
export interface Panel {
  /** The condition; may be empty. */
  title: string;
  /** From top to bottom. */
  dots: Dot[];
}

const [WIDTH, LEFT, RIGHT] = [760, 240, 90];
const [LINE, HEAD, TOP, BOTTOM] = [20, 26, 36, 34];
/** Values further apart than this are drawn by their logarithms. */
const WIDE = 25;

const STYLE = `
  svg { color: #1f2328; --paper: #ffffff; font: 13px system-ui, sans-serif }
  .paper { fill: var(--paper) }
  text { fill: currentColor; stroke: var(--paper); stroke-width: 3px; paint-order: stroke }
  .faint { fill-opacity: 0.65; font-size: 11px }
  .title { font-weight: 600; font-size: 15px } .head { font-weight: 600 }
  .grid { stroke: currentColor; stroke-opacity: 0.15 }
  .range { stroke-width: 3; stroke-opacity: 0.45 }
  .other { fill: #6e7781; stroke: #6e7781 } .ours { fill: #0969da; stroke: #0969da }
  polyline { fill: none !important; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    svg { color: #e6edf3; --paper: #0d1117 }
    .other { fill: #9198a1; stroke: #9198a1 } .ours { fill: #4493f8; stroke: #4493f8 }
  }
`;

/** Dots, one line each; what is camcat's stands out. */
export function dotChart(title: string, unit: string, panels: Panel[]): string {
  const figures = panels.flatMap(({ dots }) => dots.map(({ figure }) => figure));
  const scale = scaleOf(figures.flatMap(({ value, range = [value, value] }) => [value, ...range]));
  const parts: string[] = [];
  let y = TOP;
  for (const { title, dots } of panels) {
    if (title !== "") parts.push(text(0, (y += HEAD) - 8, title, "head"));
    for (const { label, figure } of dots) {
      y += LINE;
      const middle = y - LINE / 2;
      const kind = label.startsWith("camcat") ? "ours" : "other";
      const [low, high] = figure.range ?? [figure.value, figure.value];
      const value = figure.value.toFixed(figure.digits);
      parts.push(
        text(LEFT - 12, middle + 4, label, kind === "ours" ? "head" : "", "end"),
        line(scale.x(low), middle, scale.x(high), middle, `range ${kind}`),
        `<circle cx="${round(scale.x(figure.value))}" cy="${middle}" r="4.5" class="${kind}"/>`,
        text(Math.max(scale.x(high), scale.x(figure.value)) + 10, middle + 4, value),
      );
    }
  }
  const grid = scale.ticks.flatMap((tick) => [
    line(scale.x(tick), TOP, scale.x(tick), y, "grid"),
    text(scale.x(tick), y + 16, `${tick}`, "faint", "middle"),
  ]);
  grid.push(text(WIDTH, y + 28, `${unit}${scale.isLog ? ", logarithmic" : ""}`, "faint", "end"));
  return svg(title, y + BOTTOM, [...grid, ...parts]);
}

/** A line that is drawn through its values. */
export interface Series {
  /** Its name, written at its end. */
  label: string;
  /** Its points. */
  points: [x: number, y: number][];
}

const HEIGHT = 300;

/** Lines over a common axis. */
export function lineChart(title: string, units: [x: string, y: string], series: Series[]): string {
  const points = series.flatMap(({ points }) => points);
  const [left, right] = [50, 190];
  const last = Math.max(...points.map(([x]) => x));
  const scale = scaleOf(points.map(([, y]) => y));
  const bottom = TOP + HEIGHT;
  const x = (value: number) => left + value / last * (WIDTH - left - right);
  const y = (value: number) => bottom - (scale.x(value) - LEFT) / scale.width * HEIGHT;
  const labels = spreadOut(series.map(({ points }) => y(points.at(-1)![1])), 15);
  const parts = series.flatMap(({ label, points }, index) => {
    const kind = label.startsWith("camcat") ? "ours" : "other";
    const path = points.map(([at, value]) => `${round(x(at))},${round(y(value))}`).join(" ");
    return [
      `<polyline points="${path}" class="${kind}"/>`,
      text(x(last) + 8, labels[index] + 4, label, kind === "ours" ? "head" : ""),
    ];
  });
  const grid = [
    ...scale.ticks.flatMap((tick) => [
      line(left, y(tick), x(last), y(tick), "grid"),
      text(left - 8, y(tick) + 4, `${tick}`, "faint", "end"),
    ]),
    ...[...new Set(points.map(([at]) => at))].map((at) =>
      text(x(at), bottom + 16, `${at}`, "faint", "middle")
    ),
    text(x(last), bottom + 30, units[0], "faint", "end"),
    text(left, TOP - 6, `${units[1]}${scale.isLog ? ", logarithmic" : ""}`, "faint"),
  ];
  return svg(title, bottom + BOTTOM + 6, [...grid, ...parts]);
}

interface Scale {
  x(value: number): number;
  width: number;
  ticks: number[];
  isLog: boolean;
}

function scaleOf(values: number[]): Scale {
  const width = WIDTH - LEFT - RIGHT;
  const positive = values.filter((value) => value > 0);
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const isLog = high / low > WIDE;
  if (!isLog) {
    const step = niceStep(high / 5);
    const top = Math.ceil(high / step) * step;
    const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, n) => tidy(n * step));
    return { x: (value) => LEFT + value / top * width, width, ticks, isLog };
  }
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => tidy(10 ** (first + n)));
  const x = (value: number) =>
    LEFT + (Math.log10(Math.max(value, 10 ** first)) - first) / (last - first) * width;
  return { x, width, ticks, isLog };
}

/** The next larger of 1, 2, 5, 10, 20, ... */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

function tidy(value: number): number {
  return Number(value.toPrecision(3));
}

/** The same places, moved apart until each has room. */
function spreadOut(places: number[], room: number): number[] {
  const order = places.map((_, index) => index).toSorted((a, b) => places[a] - places[b]);
  const moved = [...places];
  for (const [rank, index] of order.entries()) {
    if (rank > 0) moved[index] = Math.max(moved[index], moved[order[rank - 1]] + room);
  }
  const over = Math.max(0, Math.max(...moved) - TOP - HEIGHT);
  return moved.map((place) => place - over);
}

function svg(title: string, height: number, parts: string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -6 ${WIDTH + 24} ${height + 12}" ` +
    `width="${WIDTH + 24}" height="${height + 12}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect x="-12" y="-6" width="${WIDTH + 24}" height="${height + 12}" class="paper"/>`,
    text(0, 14, title, "title"),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function text(x: number, y: number, said: string, kind = "", anchor = "start"): string {
  const marks = (kind === "" ? "" : ` class="${kind}"`) +
    (anchor === "start" ? "" : ` text-anchor="${anchor}"`);
  return `<text x="${round(x)}" y="${round(y)}"${marks}>${escape(said)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(round);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" class="${kind}"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(said: string): string {
  return said.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
