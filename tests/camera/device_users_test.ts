// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { usersOf } from "../../lib/camera/device_users.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { testOnLinux } from "../support/processes.ts";

testOnLinux("usersOf() names the programs that have a file open", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/device`;
  await Deno.writeTextFile(path, "");
  assertEquals(usersOf(path), []);
  const tail = new Deno.Command("tail", { args: ["-f", path], stdout: "null" }).spawn();
  try {
    await until(() => usersOf(path).length > 0, "tail to open its file");
    assertEquals(usersOf(path), [`tail (process ${tail.pid})`]);
  } finally {
    tail.kill();
    await tail.status;
  }
  assertEquals(usersOf(path), []);
});
