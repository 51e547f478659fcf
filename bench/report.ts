/**
 * Writes the tables and charts of `docs/performance.md` from `bench/results.json`:
 *
 *     deno run -A bench/report.ts
 *
 * Text around them is written by hand. What stands between `<!-- ROW -->` and
 * `<!-- end -->` is made here.
 *
 * @module
 */

import { dotChart, lineChart, type Panel } from "./chart.ts";
import { type Figure, isMet, targetOf, textOf } from "./figures.ts";
import { type Machine, readResults, type Result, RESULTS, type Results } from "./results.ts";
import { lines, tablesOf } from "./tables.ts";

const docs = new URL("../docs/", import.meta.url);

/** A chart of one table of a row. */
interface Chart {
  /** The file in `docs/charts`, without `.svg`. */
  file: string;
  title: string;
  row: string;
  table: string;
  unit: string;
  /** The columns, each a panel; lines go through all of them. */
  columns?: string[];
  /** What comes before the names of columns, if they are numbers. */
  counted?: string;
  isLines?: boolean;
}

const CHARTS: Chart[] = [
  {
    file: "latency",
    title: "Picture ready to picture received, 1280x720@30",
    row: "latency",
    table: "From ready to received, ms",
    unit: "ms",
    columns: ["p50", "p99"],
  },
  {
    file: "display",
    title: "Picture ready to its pixels on the screen, 1280x720",
    row: "display",
    table: "From ready to the screen",
    unit: "ms",
    columns: ["p50, ms", "start of both to the first picture, ms"],
  },
  {
    file: "sender-cpu",
    title: "CPU time of the sender per frame",
    row: "cpu",
    table: "Sender, CPU ms per frame",
    unit: "ms",
  },
  {
    file: "receiver-cpu",
    title: "CPU time of the receiver per frame",
    row: "cpu",
    table: "Receiver, CPU ms per frame",
    unit: "ms",
  },
  {
    file: "fan-out",
    title: "The server with many viewers, 1280x720@30",
    row: "fan-out",
    table: "Server, % of one core",
    unit: "% of one core",
    counted: "viewers: ",
  },
  {
    file: "stall",
    title: "Stale pictures after 12 s without reading",
    row: "stall",
    table: "After 12 s",
    unit: "pictures",
    columns: ["stale pictures"],
  },
  {
    file: "slow-link",
    title: "Age of the picture shown, 1280x720@30 over 2 Mbit/s",
    row: "slow-link",
    table: "Age of the picture shown, s",
    unit: "s",
    isLines: true,
  },
];

/** Writes them; parts of rows that were never measured stay empty. */
export async function report(): Promise<void> {
  const results = await readResults();
  await Deno.mkdir(new URL("charts/", docs), { recursive: true });
  for (const chart of CHARTS) {
    const drawn = draw(chart, results);
    if (drawn !== undefined) {
      await Deno.writeTextFile(new URL(`charts/${chart.file}.svg`, docs), drawn);
    }
  }
  const page = new URL("performance.md", docs);
  const text = await Deno.readTextFile(page);
  const filled = text.replace(
    /<!-- (\S+) -->\n[^]*?<!-- end -->/g,
    (_, row: string) => `<!-- ${row} -->\n\n${section(row, results)}\n\n<!-- end -->`,
  );
  await Deno.writeTextFile(page, filled);
  await format(page, new URL("charts/", docs), RESULTS);
}

/** As the gate wants them. */
async function format(...files: URL[]): Promise<void> {
  const args = ["fmt", "-q", ...files.map(({ pathname }) => pathname)];
  await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
}

function section(row: string, results: Results): string {
  if (row === "machine") return machines(results);
  if (row === "targets") return targets(results);
  const result = results[row];
  if (result === undefined) return "Not measured yet.";
  const charts = CHARTS.filter((chart) => chart.row === row && draw(chart, results) !== undefined)
    .map(({ file, title }) => `![${title}](charts/${file}.svg)`);
  const tables = tablesOf(result.figures).map((table) => lines(table).join("\n"));
  const notes = result.notes.map((note) => `- ${note}`).join("\n");
  return [
    `_${result.about}. ${day(result)}, ${result.seconds} s._`,
    ...charts,
    ...tables,
    ...(notes === "" ? [] : [notes]),
  ].join("\n\n");
}

function draw(chart: Chart, results: Results): string | undefined {
  const figures = results[chart.row]?.figures.filter(({ table }) => table === chart.table) ?? [];
  const shown = figures.filter(({ value }) => Number.isFinite(value));
  const [table] = tablesOf(shown);
  if (table === undefined) return undefined;
  if (chart.isLines) {
    const series = table.lines.map(({ of, cells }) => ({
      label: of,
      points: cells.flatMap((cell): [number, number][] =>
        cell === undefined ? [] : [[Number(/\d+/.exec(cell.what)![0]), cell.value]]
      ),
    }));
    return lineChart(chart.title, ["seconds since it was opened", chart.unit], series);
  }
  const columns = chart.columns ?? table.columns;
  const panels = columns.map((column): Panel => ({
    title: columns.length === 1 ? "" : (chart.counted ?? "") + column,
    dots: table.lines.flatMap(({ of, cells }) => {
      const figure = cells.find((cell) => cell?.what === column);
      return figure === undefined ? [] : [{ label: of, figure }];
    }),
  })).filter(({ dots }) => dots.length > 0);
  return dotChart(chart.title, chart.unit, panels);
}

function machines(results: Results): string {
  const distinct = Map.groupBy(Object.entries(results), ([, { machine }]) => told(machine));
  return [...distinct].map(([machine, rows]) => {
    const names = distinct.size === 1 ? "All rows" : rows.map(([name]) => name).join(", ");
    return `${names}: ${machine}`;
  }).join("\n\n");
}

function told(machine: Machine): string {
  const { processor, cores, gigabytes, kernel, system, camcat, versions } = machine;
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${processor}, ${cores} cores, ${gigabytes} GB, ${system}, Linux ${kernel}; ` +
    `camcat ${camcat}, ${others.join(", ")}.`;
}

function targets(results: Results): string {
  const asked = Object.entries(results).flatMap(([row, { figures }]) =>
    figures.filter((figure) => isMet(figure) !== undefined).map((figure) => ({ row, figure }))
  );
  const cells = (figure: Figure, row: string) => [
    ...[
      row,
      `${figure.table}: ${figure.of}, ${figure.what}`,
      `${textOf(figure)} ${figure.unit}`.trim(),
    ],
    ...[`${targetOf(figure)}`, isMet(figure) ? "met" : "**missed**"],
  ];
  return [
    "| row | figure | value | target |  |",
    "| --- | --- | ---: | ---: | --- |",
    ...asked.map(({ row, figure }) => `| ${cells(figure, row).join(" | ")} |`),
  ].join("\n");
}

function day({ date }: Result): string {
  return date.slice(0, 10);
}

if (import.meta.main) await report();
