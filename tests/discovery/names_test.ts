// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import type { FoundCamera } from "../../lib/discovery/found_cameras.ts";
import { camerasNamed } from "../../lib/discovery/names.ts";

const CAMERAS: FoundCamera[] = [
  ["Front door", "Front door"],
  ["Front door (1A2B)", "Front door"],
  ["Garage", "Garage"],
  ["Kü_che", "Kü.che"],
].map(([name, camera]) => ({
  name,
  camera,
  addresses: [{ hostname: "10.0.0.2", port: 9000 }],
  needsKey: false,
  id: undefined,
  httpPort: undefined,
  isCall: false,
}));

Deno.test("camerasNamed() takes a whole name, a camera's own name, or a part, in any case", () => {
  const cases: [string, string[]][] = [
    ["front DOOR", ["Front door"]],
    ["Front door (1a2b)", ["Front door (1A2B)"]],
    ["door", ["Front door", "Front door (1A2B)"]],
    ["gar", ["Garage"]],
    ["kü.che", ["Kü_che"]],
    ["ku\u0308_", ["Kü_che"]],
    ["cellar", []],
  ];
  for (const [name, expected] of cases) {
    assertEquals(camerasNamed(name, CAMERAS).map(({ name }) => name), expected, name);
  }
});
