/**
 * Charts as SVG: dots with their spread, or lines.
 *
 * @module
 */

import type { Figure } from "./figures.ts";
import { line, round, scaleOf, svg, text, WIDTH } from "./svg.ts";

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

const [LEFT, RIGHT] = [280, 80];
const [LINE, HEAD, TOP, BOTTOM] = [20, 26, 36, 34];

/** Dots, one line each; what is camcat's stands out. */
export function dotChart(title: string, unit: string, panels: Panel[]): string {
  const figures = panels.flatMap(({ dots }) => dots.map(({ figure }) => figure));
  const scale = scaleOf(figures.flatMap(({ value, range = [value, value] }) => [value, ...range]));
  const x = (value: number) => LEFT + scale.share(value) * (WIDTH - LEFT - RIGHT);
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
        line(x(low), middle, x(high), middle, `range ${kind}`),
        `<circle cx="${round(x(figure.value))}" cy="${middle}" r="4.5" class="${kind}"/>`,
        text(Math.max(x(high), x(figure.value)) + 10, middle + 4, value),
      );
    }
  }
  const grid = scale.ticks.flatMap((tick) => [
    line(x(tick), TOP, x(tick), y, "grid"),
    text(x(tick), y + 16, `${tick}`, "faint", "middle"),
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
  const y = (value: number) => bottom - scale.share(value) * HEIGHT;
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
