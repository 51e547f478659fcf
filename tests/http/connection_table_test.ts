// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { ConnectionTable, type TableEntry } from "../../lib/http/connection_table.ts";

/** Fills a table; the names of those that it closes go to `closed`. */
class Filled {
  readonly table = new ConnectionTable();
  readonly closed: string[] = [];

  add(name: string, from: string, isTrusted = false): TableEntry | undefined {
    const entry = this.table.add(from, () => this.closed.push(name));
    if (entry !== undefined && isTrusted) this.table.trust(entry);
    return entry;
  }

  /** Adds `count` connections from one address. */
  flood(count: number, from: string): void {
    for (let number = 0; number < count; number++) this.add(`${from} ${number}`, from);
  }
}

Deno.test("ConnectionTable closes the oldest of an address that has too many", () => {
  const filled = new Filled();
  filled.add("neighbour", "B");
  filled.flood(128, "A");
  assertEquals([filled.table.size, filled.closed], [129, []]);
  filled.add("newcomer", "A");
  assertEquals([filled.table.size, filled.closed], [129, ["A 0"]]);
});

Deno.test("ConnectionTable closes the oldest of the address with most when it is full", () => {
  const filled = new Filled();
  filled.flood(100, "A");
  filled.flood(120, "B");
  filled.flood(36, "C");
  filled.add("newcomer", "D");
  assertEquals([filled.table.size, filled.closed], [256, ["B 0"]]);
  for (let number = 0; number < 1000; number++) filled.add(`stranger ${number}`, `${number}`);
  assertEquals(filled.table.size, 256);
});

Deno.test("ConnectionTable keeps connections that have shown the key", () => {
  const filled = new Filled();
  filled.add("keyed", "A", true);
  filled.flood(10_000, "A");
  assertEquals(filled.closed.includes("keyed"), false);
  const trusted = new Filled();
  for (let number = 0; number < 256; number++) trusted.add(`${number}`, "A", true);
  assertEquals(trusted.add("one more", "A"), undefined);
  assertEquals(trusted.closed, []);
});

Deno.test("ConnectionTable has no room while too many closed ones hold their descriptors", () => {
  const filled = new Filled();
  const entries = Array.from({ length: 128 + 256 }, (_, number) => filled.add(`${number}`, "A"));
  assertEquals(filled.closed.length, 256);
  assertEquals(filled.add("one more", "B"), undefined);
  filled.table.remove(entries[0]!);
  assertEquals(filled.add("one more", "B")?.from, "B");
});

Deno.test("ConnectionTable.giveUpOne() closes the oldest stranger, never one with the key", () => {
  const filled = new Filled();
  filled.add("keyed", "A", true);
  filled.flood(2, "A");
  const given = [1, 2, 3].map(() => filled.table.giveUpOne());
  assertEquals([given, filled.closed], [[true, true, false], ["A 0", "A 1"]]);
});
