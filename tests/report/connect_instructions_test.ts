// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { encode } from "uqr";
import { pageAddresses, pageInstructions } from "../../lib/report/connect_instructions.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { qrCode } from "../../lib/report/qr.ts";

const addresses = ["192.168.1.20:8080", "[fd00::1]:8080"];

Deno.test("pageInstructions() gives lines to be copied, to the user only", async () => {
  const key = Key.random();
  const { token } = await httpSecretsOf(key);
  const options = { addresses, key, token, scheme: "http" } as const;
  assertEquals(pageInstructions({ ...options, isPrivate: true }), [
    `  http://192.168.1.20:8080/#${key.text}`,
    `  http://[fd00::1]:8080/#${key.text}`,
    "In other programs:",
    `  ffplay http://camcat:${token}@192.168.1.20:8080/stream.mjpg`,
    `  curl -H "Authorization: Bearer ${token}" -o snapshot.jpg http://192.168.1.20:8080/snapshot.jpg`,
  ]);
  const logged = pageInstructions({ ...options, isPrivate: false }).join("\n");
  assertEquals([logged.includes(key.text), logged.includes(token)], [false, false]);
  assertEquals(logged.includes("/#KEY\n") && logged.includes("Bearer TOKEN"), true);
});

Deno.test("pageInstructions() gives no key where none is needed", () => {
  const options = { addresses, key: undefined, token: undefined, isPrivate: true };
  assertEquals(pageInstructions({ ...options, scheme: "https" }), [
    "  https://192.168.1.20:8080/",
    "  https://[fd00::1]:8080/",
    "In other programs:",
    "  ffplay https://192.168.1.20:8080/stream.mjpg",
    "  curl -o snapshot.jpg https://192.168.1.20:8080/snapshot.jpg",
  ]);
});

Deno.test("qrCode() draws two rows of modules in a line", () => {
  const [url] = pageAddresses({ addresses, key: Key.random().text, scheme: "http" });
  const { data, size } = encode(url, { ecc: "L", border: 2 });
  const lines = qrCode(url).trimEnd().split("\n");
  assertEquals(lines.length, Math.ceil(size / 2));
  const drawn = lines.flatMap((line) => {
    // deno-lint-ignore no-control-regex -- colours are told by ESC
    const [, blocks] = /^ {2}\x1b\[[\d;]+m(.*)\x1b\[m$/.exec(line)!;
    return [
      [...blocks].map((block) => "▀█".includes(block)),
      [...blocks].map((block) => "▄█".includes(block)),
    ];
  });
  assertEquals(drawn.slice(0, size), data);
});
