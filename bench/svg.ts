/**
 * SVG, as much of it as charts need, in a page's own light or dark.
 *
 * @module
 */

/** The width of every chart. */
export const WIDTH = 760;

/** Values further apart than this are drawn by their logarithms. */
const WIDE = 25;

const STYLE = `
  svg { color: #1f2328; font: 13px system-ui, sans-serif }
  .paper { fill: #ffffff } text { stroke: #ffffff; stroke-width: 3px; paint-order: stroke }
  text { fill: currentColor } .faint { fill-opacity: 0.65; font-size: 11px }
  .title { font-weight: 600; font-size: 15px } .head { font-weight: 600 }
  .grid { stroke: currentColor; stroke-opacity: 0.15 }
  .range { stroke-width: 3; stroke-opacity: 0.45 }
  .other { fill: #6e7781; stroke: #6e7781 } .ours { fill: #0969da; stroke: #0969da }
  polyline { fill: none !important; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    svg { color: #e6edf3 } .paper { fill: #0d1117 } text { stroke: #0d1117 }
    .other { fill: #9198a1; stroke: #9198a1 } .ours { fill: #4493f8; stroke: #4493f8 }
  }
`;

/** Where values are on an axis. */
export interface Scale {
  /** The share of the axis at which a value is, 0 to 1. */
  share(value: number): number;
  /** Values to mark. */
  ticks: number[];
  /** Whether shares go by logarithms. */
  isLog: boolean;
}

/** An axis that has room for all of these. */
export function scaleOf(values: number[]): Scale {
  const positive = values.filter((value) => value > 0);
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const isLog = high / low > WIDE;
  if (!isLog) {
    const step = niceStep(high / 5);
    const top = Math.ceil(high / step) * step;
    const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, n) => tidy(n * step));
    return { share: (value) => value / top, ticks, isLog };
  }
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => tidy(10 ** (first + n)));
  const share = (value: number) =>
    (Math.log10(Math.max(value, 10 ** first)) - first) / (last - first);
  return { share, ticks, isLog };
}

/** The next larger of 1, 2, 5, 10, 20, ... */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

function tidy(value: number): number {
  return Number(value.toPrecision(3));
}

/** A whole picture. */
export function svg(title: string, height: number, parts: string[]): string {
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

/** Words. */
export function text(x: number, y: number, said: string, kind = "", anchor = "start"): string {
  const marks = (kind === "" ? "" : ` class="${kind}"`) +
    (anchor === "start" ? "" : ` text-anchor="${anchor}"`);
  return `<text x="${round(x)}" y="${round(y)}"${marks}>${escape(said)}</text>`;
}

/** A straight line. */
export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(round);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" class="${kind}"/>`;
}

/** As many digits as are seen. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(said: string): string {
  return said.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
