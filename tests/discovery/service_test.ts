// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { infoFields, readInfo, type ServiceInfo } from "../../lib/discovery/service.ts";

const UTF8 = new TextEncoder();

function texts(fields: Record<string, string>): Uint8Array[] {
  return Object.entries(fields).map(([name, value]) => UTF8.encode(`${name}=${value}`));
}

Deno.test("readInfo() reads what infoFields() writes", () => {
  const all: ServiceInfo[] = [
    {
      version: 1,
      camera: "Tür = 1",
      needsKey: true,
      id: "0f".repeat(16),
      httpPort: 8080,
      isCall: false,
    },
    {
      version: 2,
      camera: undefined,
      needsKey: false,
      id: undefined,
      httpPort: undefined,
      isCall: false,
    },
  ];
  for (const info of all) assertEquals(readInfo(texts(infoFields(info))), info);
});

Deno.test("infoFields() leaves out a name that is too long for a record", () => {
  const camera = "ü".repeat(150);
  const info = {
    version: 1,
    camera,
    needsKey: false,
    id: undefined,
    httpPort: undefined,
    isCall: false,
  };
  assertEquals(infoFields(info), { v: "1", key: "none" });
});

Deno.test("readInfo() takes the first of several, in any case, and nothing that cannot be", () => {
  const read = (...fields: string[]) => readInfo(fields.map((field) => UTF8.encode(field)));
  assertEquals(read("V=1", "v=2", "KEY=none")?.version, 1);
  assertEquals(read("v=1")?.needsKey, true); // a sender that does not say so
  assertEquals(read("v=1", "id=ABC")?.id, undefined);
  assertEquals(read("v=1", "key=none", `id=${"0f".repeat(16)}`)?.id, undefined);
  for (const http of ["0x50", "70000", "-1", ""]) {
    assertEquals(read("v=1", `http=${http}`)?.httpPort, undefined, http);
  }
  assertEquals(read("=1", "v", "x=y"), undefined);
});
