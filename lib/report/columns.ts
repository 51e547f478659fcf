/**
 * Tables for people.
 *
 * @module
 */

/** Aligns the cells of rows in columns of at most 30 characters; longer cells push the rest aside. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths =
    rows[0]?.map((_, column) => Math.min(30, Math.max(...rows.map((row) => row[column].length)))) ??
      [];
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()
  );
}
