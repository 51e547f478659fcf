/**
 * Figures as tables.
 *
 * @module
 */

import { type Figure, textOf } from "./figures.ts";

/** Figures of one table: what they are of in lines, what they tell in columns. */
export interface Table {
  /** Its heading. */
  title: string;
  /** The headings of its columns, the first one excepted. */
  columns: string[];
  /** Its lines. */
  lines: { of: string; cells: (Figure | undefined)[] }[];
}

/** Puts figures into tables, all in the order of their first appearance. */
export function tablesOf(figures: Figure[]): Table[] {
  return [...Map.groupBy(figures, ({ table }) => table)].map(([title, figures]) => {
    const columns = [...new Set(figures.map(({ what }) => what))];
    const lines = [...Map.groupBy(figures, ({ of }) => of)].map(([of, own]) => ({
      of,
      cells: columns.map((column) => own.find(({ what }) => what === column)),
    }));
    return { title, columns, lines };
  });
}

/** A table in Markdown, aligned so that it can be read as it is. */
export function lines({ title, columns, lines }: Table): string[] {
  const rows = [
    [title, ...columns],
    ...lines.map(({ of, cells }) => [of, ...cells.map((cell) => cell ? textOf(cell) : "")]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length), 3));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column], column)).join(" | ")} |`;
  const rule = widths.map((width, column) => column === 0 ? "-".repeat(width) : rightRule(width));
  return [line(rows[0]), line(rule), ...rows.slice(1).map(line)];
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}

function rightRule(width: number): string {
  return "-".repeat(width - 1) + ":";
}
