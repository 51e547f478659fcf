// @ts-types="../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { holdersOf } from "../lib/holder.ts";
import { Folder, testOnLinux, until } from "./programs.ts";

testOnLinux("holdersOf() names the programs that have a file open", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/device`;
  await Deno.writeTextFile(path, "");
  assertEquals(holdersOf(path), []);
  const tail = new Deno.Command("tail", { args: ["-f", path], stdout: "null" }).spawn();
  try {
    await until(() => holdersOf(path).length > 0, "tail to open its file");
    assertEquals(holdersOf(path), [`tail (process ${tail.pid})`]);
  } finally {
    tail.kill();
    await tail.status;
  }
  assertEquals(holdersOf(path), []);
});
