// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseAddress } from "../../lib/protocol/address.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import { Key } from "../../lib/security/key.ts";
import { Keyring, makeKeyFile, readKeyFile } from "../../lib/security/keyring.ts";
import { readPrivate, writePrivate } from "../../lib/security/private_file.ts";
import { Folder } from "../support/folder.ts";
import { skipped } from "../support/skipped.ts";

const hasModes = Deno.build.os !== "windows";

/** A test with an empty folder. */
function test(name: string, fn: (folder: string) => void): void {
  Deno.test(name, async () => {
    await using folder = new Folder();
    fn(folder.path);
  });
}

function modeOf(path: string): string {
  return (Deno.statSync(path).mode! & 0o777).toString(8);
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** The key that a new keyring on the same files has for an address. */
function recalled(folder: string, address: string): string | undefined {
  return new Keyring(folder).recall(parseAddress(address))?.text;
}

test("Keyring.recall() finds a stored key by host and exact port", (folder) => {
  const [a, b, c] = [Key.random(), Key.random(), Key.random()];
  const keyring = new Keyring(`${folder}/deep/camcat`);
  assertEquals(recalled(`${folder}/deep/camcat`, "camera"), undefined);
  assertEquals(keyring.remember(parseAddress("camera"), a), true);
  assertEquals(keyring.remember(parseAddress("camera:9001"), b), true);
  assertEquals(keyring.remember(parseAddress("[2001:db8::7]:1"), c), true);
  assertEquals(keyring.remember(parseAddress("camera:9000"), a), false);
  const cases: [string, Key | undefined][] = [
    ["camera", a],
    ["CAMERA:9000", a],
    ["camera:9001", b],
    ["camera:9002", undefined],
    ["other", undefined],
    ["[2001:DB8::7]:1", c],
    ["2001:db8::7", undefined],
    ["constructor", undefined],
    ["__proto__", undefined],
  ];
  for (const [address, key] of cases) {
    assertEquals(recalled(`${folder}/deep/camcat`, address), key?.text, address);
  }
  assertEquals(keyring.remember(parseAddress("camera"), c), true);
  assertEquals(recalled(`${folder}/deep/camcat`, "camera"), c.text);
  assertEquals(recalled(`${folder}/deep/camcat`, "camera:9001"), b.text);
});

test("Keyring.forget() deletes the keys of a host, or of one port", (folder) => {
  const all = ["a:9000", "a:9001", "a.b:9000", "[2001:db8::7]:9000", "[2001:db8::7]:9001"];
  const cases: [string, string[]][] = [
    ["a", ["a:9000", "a:9001"]],
    ["A", ["a:9000", "a:9001"]],
    ["a:9000", ["a:9000"]],
    ["A:9001", ["a:9001"]],
    ["a:9002", []],
    ["b", []],
    ["2001:db8::7", ["[2001:db8::7]:9000", "[2001:db8::7]:9001"]],
    ["[2001:db8::7]", ["[2001:db8::7]:9000", "[2001:db8::7]:9001"]],
    ["[2001:DB8::7]:9001", ["[2001:db8::7]:9001"]],
  ];
  for (const [where, forgotten] of cases) {
    const keyring = new Keyring(folder);
    for (const address of all) keyring.remember(parseAddress(address), Key.random());
    assertEquals(keyring.forget(where), forgotten, where);
    const left = all.filter((address) => recalled(folder, address) !== undefined);
    assertEquals(left, all.filter((address) => !forgotten.includes(address)), where);
    assertEquals(keyring.forget(where), [], "once more");
  }
});

test("key files are private to their owner, and no other file is left", (folder) => {
  const keys = `${folder}/deep/camcat`;
  const keyring = new Keyring(keys);
  makeKeyFile(keyring.ownFile);
  for (let count = 0; count < 5; count++) {
    keyring.remember(parseAddress(`host${count}`), Key.random());
    assertEquals(filesIn(keys), ["key", "known.json"]);
  }
  keyring.forget("host1");
  makeKeyFile(keyring.ownFile);
  assertEquals(filesIn(keys), ["key", "known.json"]);
  if (!hasModes) return;
  const paths = [`${folder}/deep`, keys, `${keys}/key`, `${keys}/known.json`];
  assertEquals(paths.map(modeOf), ["700", "700", "600", "600"]);
});

test("key files that others can read are refused, and the message says how to fix it", (folder) => {
  if (!hasModes) return skipped("Windows has no modes");
  const keyring = new Keyring(folder);
  const address = parseAddress("camera");
  keyring.remember(address, Key.random());
  makeKeyFile(keyring.ownFile);
  const uses: [string, () => unknown][] = [
    [`${folder}/key`, () => readKeyFile(keyring.ownFile)],
    [`${folder}/known.json`, () => keyring.recall(address)],
    [`${folder}/known.json`, () => keyring.remember(address, Key.random())],
    [`${folder}/known.json`, () => keyring.forget("camera")],
  ];
  for (const [path, use] of uses) {
    for (const mode of [0o644, 0o640, 0o604, 0o660, 0o601]) {
      Deno.chmodSync(path, mode);
      assertThrows(
        use,
        CamcatError,
        `other users of this machine can read it. Run: chmod 600 ${path}`,
      );
      assertEquals(modeOf(path), mode.toString(8), "it must not be mended behind the user's back");
    }
    Deno.chmodSync(path, 0o600);
    use();
  }
});

test("a damaged known.json is reported in a sentence", (folder) => {
  const keyring = new Keyring(folder);
  const address = parseAddress("camera");
  const damaged = [
    ...["", "{", "nonsense", "\0\0\0", '{"camera:9000": '],
    ...["null", "7", "[]", '"text"', '{"camera:9000":7}', '{"camera:9000":null}'],
    ...['{"camera:9000":""}', '{"camera:9000":"not-a-key"}', '{"camera:9000":{"a":1}}'],
  ];
  for (const text of damaged) {
    for (
      const use of [
        () => keyring.recall(address),
        () => keyring.remember(address, Key.random()),
        () => keyring.forget("camera"),
      ]
    ) {
      writePrivate(`${folder}/known.json`, text);
      let error: unknown;
      try {
        use();
      } catch (thrown) {
        error = thrown;
      }
      // Whatever can be made of it: nothing, or a sentence that names the file.
      if (error === undefined) continue;
      assert(error instanceof CamcatError, `${JSON.stringify(text)}: ${Deno.inspect(error)}`);
      assertMatch(error.message, /known\.json: it is damaged. Delete it/);
    }
  }
  writePrivate(`${folder}/known.json`, "{");
  assertThrows(() => keyring.recall(address), CamcatError, "it is damaged");
});

test("readKeyFile() says what is wrong with a file without its content", (folder) => {
  const path = `${folder}/key`;
  assertEquals(readKeyFile(path), undefined);
  const key = makeKeyFile(path);
  assertEquals(readKeyFile(path)?.text, key.text);
  writePrivate(path, `\n  ${key.text.toUpperCase()}  \n\n`);
  assertEquals(readKeyFile(path)?.text, key.text);
  const cases: [string, string][] = [
    [key.text.slice(1), "received 31"],
    ["q".repeat(32), "typing error"],
  ];
  for (const [text, words] of cases) {
    writePrivate(path, text);
    const error = assertThrows(() => readKeyFile(path), CamcatError, words);
    assertMatch(error.message, new RegExp(`it is in ${path}`));
    assert(!error.message.includes(text));
  }
});

test("writePrivate() replaces an entire file, in a new folder or beside other files", (folder) => {
  const before = Deno.cwd();
  const path = `${folder}/file`;
  Deno.writeTextFileSync(path, "old, and readable by all\n", { mode: 0o644 });
  writePrivate(path, "new");
  assertEquals(readPrivate(path), "new");
  Deno.chdir(folder);
  try {
    for (
      const relative of ["plain", "./dotted", "a/b/deep", "../" + folder.split("/").at(-1)! + "/up"]
    ) {
      writePrivate(relative, relative);
      assertEquals(readPrivate(relative), relative);
    }
  } finally {
    Deno.chdir(before);
  }
  assertEquals(filesIn(folder), ["a", "dotted", "file", "plain", "up"]);
});

test("a folder in place of a key file is reported as one", (folder) => {
  assertThrows(() => readPrivate(folder), CamcatError, `Cannot read ${folder}: it is a folder`);
});

test("a folder that cannot be written is reported in a sentence, and keeps its files", (folder) => {
  Deno.writeTextFileSync(`${folder}/file`, "");
  Deno.mkdirSync(`${folder}/full/file`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/full/file/in it`, "");
  const paths = [
    "/dev/null/camcat/key",
    "/proc/camcat/key",
    `${folder}/file/key`,
    `${folder}/full/file`, // a folder is in its place
  ];
  for (const path of paths) {
    assertThrows(() => makeKeyFile(path), CamcatError, `Cannot write ${path}: `);
  }
  assertEquals(filesIn(`${folder}/full`), ["file"]);
  const keyring = new Keyring("/dev/null/camcat");
  assertThrows(
    () => keyring.remember(parseAddress("camera"), Key.random()),
    CamcatError,
    "/dev/null/camcat/known.json",
  );
});

Deno.test("many programs at once lose no entry of known.json, and make one key", async () => {
  await using folder = new Folder();
  const module = new URL("../../lib/security/keyring.ts", import.meta.url).href;
  const program = `
    import { Keyring, makeKeyFile } from "${module}";
    import { Key } from "${new URL("key.ts", module).href}";
    const [folder, host] = Deno.args;
    const keyring = new Keyring(folder);
    for (let port = 1; port <= 5; port++) keyring.remember({ hostname: host, port }, Key.random());
    console.log(makeKeyFile(folder + "/key", false).text);
  `;
  const file = `${folder.path}/program.ts`;
  Deno.writeTextFileSync(file, program);
  const keys = await Promise.all(Array.from({ length: 8 }, async (_, index) => {
    const args = [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      file,
      `${folder.path}/keys`,
      `host${index}`,
    ];
    const config = ["--config", new URL("../../deno.json", import.meta.url).pathname];
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [args[0], ...config, ...args.slice(1)],
      stderr: "inherit",
    }).output();
    return new TextDecoder().decode(stdout);
  }));
  assertEquals(new Set(keys).size, 1, "all have the same key");
  const known = JSON.parse(Deno.readTextFileSync(`${folder.path}/keys/known.json`));
  assertEquals(Object.keys(known).length, 8 * 5);
  assertEquals(filesIn(`${folder.path}/keys`), ["key", "known.json"]);
});

test("an empty file of keys, as after a loss of power, counts as none", (folder) => {
  for (const content of ["", "\n", "\0\0\0\0"]) {
    for (const name of ["key", "known.json"]) writePrivate(`${folder}/${name}`, content);
    assertEquals(readKeyFile(`${folder}/key`), undefined);
    assertEquals(recalled(folder, "host:1"), undefined);
    const key = makeKeyFile(`${folder}/key`, false);
    assertEquals(readKeyFile(`${folder}/key`)?.text, key.text);
    assertEquals(makeKeyFile(`${folder}/key`, false).text, key.text);
    assert(new Keyring(folder).remember(parseAddress("host:1"), key));
    assertEquals(recalled(folder, "host:1"), key.text);
  }
});

test("a sender keeps its key at another address, and is forgotten with all of them", (folder) => {
  const [a, b] = [Key.random(), Key.random()];
  const keyring = new Keyring(folder);
  assertEquals(keyring.remember(parseAddress("10.0.0.1"), a, "Front door"), true);
  assertEquals(keyring.remember(parseAddress("10.0.0.2"), a, "Front door"), true);
  assertEquals(keyring.remember(parseAddress("10.0.0.2"), a, "Front door"), false);
  // Another sender gets its address: the key of the first is still known.
  assertEquals(keyring.remember(parseAddress("10.0.0.2"), b, "Garage"), true);
  assertEquals(recalled(folder, "10.0.0.1"), a.text);
  assertEquals(recalled(folder, "10.0.0.2"), b.text);
  assertEquals(keyring.remember(parseAddress("10.0.0.1"), b), true);
  assertEquals(keyring.recallByName("front DOOR")?.key.text, a.text);
  assertEquals(keyring.recallByName("front"), undefined);
  assertEquals(keyring.keys.map(({ text }) => text).sort(), [a.text, b.text].sort());

  assertEquals(keyring.forget("10.0.0.1"), ["10.0.0.2:9000", "10.0.0.1:9000"]);
  assertEquals(recalled(folder, "10.0.0.2"), undefined);
  assertEquals(keyring.forget("Front Door"), ["Front door"]);
  assertEquals(keyring.keys, []);
});

test("known.json of before, with a key for each address, is read", (folder) => {
  const [a, b] = [Key.random(), Key.random()];
  const old = { "camera:9000": a.text, "[2001:db8::7]:1": b.text, "10.0.0.1:9000": a.text };
  writePrivate(`${folder}/known.json`, JSON.stringify(old));
  for (const [address, key] of Object.entries(old)) assertEquals(recalled(folder, address), key);
  const keyring = new Keyring(folder);
  keyring.remember(parseAddress("camera"), a, "door");
  for (const [address, key] of Object.entries(old)) assertEquals(recalled(folder, address), key);
  assertEquals(keyring.forget("door"), ["10.0.0.1:9000", "camera:9000"]);
});

test("known.json stays small, whatever names and addresses a sender has", (folder) => {
  const [key, keyring] = [Key.random(), new Keyring(folder)];
  for (let index = 0; index < 40; index++) {
    keyring.remember(parseAddress(`10.0.0.${index}`), key, `camera ${index}`);
  }
  assertEquals(keyring.addresses.length, 8);
  assertEquals(keyring.recallByName("camera 39")?.names.length, 16);
  assertEquals(recalled(folder, "10.0.0.39"), key.text);
});
