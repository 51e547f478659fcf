// @ts-types="../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { dotChart, lineChart } from "../bench/chart.ts";
import { figure, isMet, median, quantile, ratios, targetOf, textOf } from "../bench/figures.ts";
import { numberOf } from "../bench/numbered.ts";
import { lines, tablesOf } from "../bench/tables.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("figure() condenses values to their median and range", () => {
  const cases: [number | number[], string][] = [
    [1.5, "1.50"],
    [[2], "2.00"],
    [[3, 1, 2], "2.00 (1.00 to 3.00)"],
    [[4, 1, 2, 3], "2.50 (1.00 to 4.00)"],
    [NaN, "none"],
  ];
  for (const [values, text] of cases) {
    assertEquals(textOf(figure(["table", "of", "what"], values, "ms", 2)), text);
  }
});

test("isMet() compares with the target, if there is one", () => {
  const of = (value: number, target?: { atMost: number } | { atLeast: number }) =>
    figure(["table", "of", "what"], value, "x", 0, target);
  assertEquals(isMet(of(1)), undefined);
  assertEquals(isMet(of(2, { atMost: 2 })), true);
  assertEquals(isMet(of(2.1, { atMost: 2 })), false);
  assertEquals(isMet(of(2, { atLeast: 2 })), true);
  assertEquals(isMet(of(NaN, { atMost: 2 })), false);
  assertEquals(targetOf(of(1, { atLeast: 2 })), ">= 2");
});

test("quantile(), median() and ratios() keep to their definitions", () => {
  assertEquals([0, 0.5, 0.99, 1].map((q) => quantile([5, 1, 3, 2, 4], q)), [1, 3, 5, 5]);
  assertEquals(median([3, 1]), 2);
  assertEquals(ratios([2, 9], [1, 3]), [2, 3]);
});

test("tablesOf() makes lines of programs and columns of measures", () => {
  const figures = [
    figure(["CPU", "camcat", "@30"], 1, "ms", 1),
    figure(["CPU", "camcat", "@60"], [2, 4], "ms", 1),
    figure(["Other", "camcat", "bytes"], 7, "", 0),
    figure(["CPU", "socat", "@60"], 3, "ms", 1),
  ];
  const [cpu, other] = tablesOf(figures);
  assertEquals(lines(cpu), [
    "| CPU    | @30 |              @60 |",
    "| ------ | --: | ---------------: |",
    "| camcat | 1.0 | 3.0 (2.0 to 4.0) |",
    "| socat  |     |              3.0 |",
  ]);
  assertEquals(other.columns, ["bytes"]);
});

test("numberOf() tells numbered pictures apart, and nothing else", () => {
  const cases: [[number, number], number | undefined][] = [
    [[20, 20], 0],
    [[38, 20], 1],
    [[218, 218], 143],
    [[45, 20], 1], // a little off, as JPEG makes it
    [[29, 20], undefined], // between two
    [[0, 0], undefined], // a black window
    [[255, 255], undefined],
  ];
  for (const [levels, number] of cases) assertEquals(numberOf(levels), number);
});

test("charts name and number every figure", () => {
  const dots = [["camcat", 1], ["a < b & c", 400]].map(([label, value]) => ({
    label: String(label),
    figure: figure(["table", "of", "what"], Number(value), "ms", 1),
  }));
  const drawn = dotChart("Title", "ms", [{ title: "@30", dots }]);
  for (
    const text of [">camcat<", ">a &lt; b &amp; c<", ">1.0<", ">400.0<", "logarithmic", ">@30<"]
  ) {
    assertEquals(drawn.includes(text), true, text);
  }
  const points: [number, number][] = [[1, 1], [2, 3]];
  const line = lineChart("Title", ["s", "ms"], [{ label: "camcat", points }]);
  assertEquals(line.includes(">camcat<") && !line.includes("NaN"), true);
});
