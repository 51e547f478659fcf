// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";

/** What runs in a program of its own, whose limit is low. */
const CODE = `
  import { DescriptorReserve } from "${new URL(
  "../../lib/security/descriptor_reserve.ts",
  import.meta.url,
)}";
  const reserve = new DescriptorReserve();
  const open = () => Deno.openSync("/dev/null");
  const files = [];
  do files.push(open()); while (reserve.hasRoom());
  const left = [];
  try {
    for (;;) left.push(open());
  } catch (error) {
    console.log(error.code, left.length);
  }
  for (const file of [...left, ...files.slice(1)]) file.close();
  console.log(new DescriptorReserve().hasRoom());
`;

Deno.test({
  name: "DescriptorReserve keeps about 16 descriptors free",
  ignore: Deno.build.os === "windows",
  async fn() {
    const script = `ulimit -n 256; exec "$0" run --no-check --allow-read --ext=ts -`;
    const child = new Deno.Command("sh", {
      args: ["-c", script, Deno.execPath()],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(CODE));
    await writer.close();
    const { stdout } = await child.output();
    const [shortage, room] = new TextDecoder().decode(stdout).trim().split("\n");
    const [code, free] = shortage.split(" ");
    assertEquals([code, room], ["EMFILE", "true"]);
    assertEquals(Number(free) >= 15 && Number(free) <= 16, true, `${free} are free`);
  },
});
