// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseAddress } from "../../lib/protocol/address.ts";
import {
  type Credential,
  explainKey,
  keyToConnectWith,
  keyToListenWith,
} from "../../lib/security/credentials.ts";
import type { KeyOptions } from "../../lib/security/credentials.ts";
import { CamcatError, KeyError, type KeyProblem, UsageError } from "../../lib/base/errors.ts";
import { Key } from "../../lib/security/key.ts";
import { Keyring } from "../../lib/security/keyring.ts";
import { writePrivate } from "../../lib/security/private_file.ts";
import { Folder } from "../support/folder.ts";
import { skipped } from "../support/skipped.ts";

const NAMES = ["CAMCAT_KEY", "XDG_CONFIG_HOME", "HOME", "APPDATA"];

/** A user whose keys are in a folder of the test. */
class User implements AsyncDisposable {
  #folder = new Folder();
  #before = NAMES.map((name) => [name, Deno.env.get(name)] as const);

  constructor() {
    this.env("CAMCAT_KEY", undefined);
    for (const name of ["XDG_CONFIG_HOME", "HOME", "APPDATA"]) this.env(name, this.#folder.path);
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** A key file with a new key in it. */
  file(name: string): { path: string; key: Key } {
    const [path, key] = [`${this.folder}/${name}`, Key.random()];
    writePrivate(path, key.text);
    return { path, key };
  }

  env(name: string, value: string | undefined): void {
    if (value === undefined) Deno.env.delete(name);
    else Deno.env.set(name, value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [name, value] of this.#before) this.env(name, value);
    await this.#folder[Symbol.asyncDispose]();
  }
}

function test(name: string, fn: (user: User) => void): void {
  Deno.test(name, async () => {
    await using user = new User();
    fn(user);
  });
}

function options(given: Partial<KeyOptions> = {}): KeyOptions {
  return { key: undefined, "key-file": undefined, open: false, ...given };
}

const HERE = parseAddress("127.0.0.1");
const THERE = parseAddress("camera.example");

test("keyToConnectWith() takes the key with the highest precedence", (user) => {
  const [inAddress, inOption, inVariable, remembered] = Array.from({ length: 4 }, Key.random);
  const file = user.file("given");
  const keyring = Keyring.ofUser();
  const own = keyToListenWith(options())!;
  for (const address of [HERE, THERE]) keyring.remember(address, remembered);
  user.env("CAMCAT_KEY", inVariable.text);

  const find = (address = THERE, key?: Key, given?: Partial<KeyOptions>) =>
    toText(keyToConnectWith(address, key, options(given)));
  const all = { key: inOption, "key-file": file.path };
  assertEquals(find(THERE, inAddress, all), `given ${inAddress.text}`);
  assertEquals(find(THERE, undefined, all), `given ${inOption.text}`);
  assertEquals(find(THERE, undefined, { "key-file": file.path }), `set up ${file.key.text}`);
  assertEquals(find(), `set up ${inVariable.text}`);
  user.env("CAMCAT_KEY", "");
  assertEquals([find(), find(HERE)], Array(2).fill(`remembered ${remembered.text}`));
  keyring.forget("127.0.0.1");
  keyring.forget("camera.example");
  assertEquals([find(), find(HERE)], ["none", `own ${own.text}`]);
  Deno.removeSync(keyring.ownFile);
  assertEquals(find(HERE), "none");
});

function toText(credential: Credential | undefined): string {
  return credential === undefined ? "none" : `${credential.from} ${credential.key.text}`;
}

test("keyToConnectWith() takes the user's own key for this machine only", () => {
  const own = keyToListenWith(options())!;
  const local = Deno.networkInterfaces().map(({ address }) => address);
  const here = ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", ...local];
  const elsewhere = [
    ...["192.0.2.1", "2001:db8::7", "camera", "127.0.0.1.example.org", "localhost.example.org"],
    ...["128.0.0.1", "0x7f.1", "example.org", "a127.0.0.1", "::1234"],
  ];
  const from = (hostname: string) =>
    toText(keyToConnectWith({ hostname, port: 9000 }, undefined, options()));
  for (const hostname of here) assertEquals(from(hostname), `own ${own.text}`, hostname);
  for (const hostname of elsewhere) assertEquals(from(hostname), "none", hostname);
});

test("keyToListenWith() takes the key with the highest precedence, and makes the own key once", (user) => {
  const [inOption, inVariable] = [Key.random(), Key.random()];
  const file = user.file("given");
  const own = keyToListenWith(options())!;
  assertEquals(keyToListenWith(options())!.text, own.text);
  user.env("CAMCAT_KEY", inVariable.text);
  const all = { key: inOption, "key-file": file.path };
  assertEquals(keyToListenWith(options(all))?.text, inOption.text);
  assertEquals(keyToListenWith(options({ "key-file": file.path }))?.text, file.key.text);
  assertEquals(keyToListenWith(options())?.text, inVariable.text);
  user.env("CAMCAT_KEY", "");
  assertEquals(keyToListenWith(options())?.text, own.text);
  assertEquals(keyToListenWith(options({ open: true })), undefined);

  // A missing file is created, like that of the own key.
  const made = keyToListenWith(options({ "key-file": `${user.folder}/new/key` }))!;
  assertEquals(Deno.readTextFileSync(`${user.folder}/new/key`), made.text + "\n");
  assertEquals(keyToListenWith(options())?.text, own.text);
});

test("keyToListenWith() replaces a key in a file, and no other", (user) => {
  const own = keyToListenWith(options())!;
  assertThrows(
    () => keyToListenWith(options({ open: true }), true),
    UsageError,
    "Cannot use a key with --open",
  );
  const renewed = keyToListenWith(options(), true)!;
  assert(renewed.text !== own.text);
  assertEquals(keyToListenWith(options())?.text, renewed.text);

  const file = user.file("given");
  const inFile = keyToListenWith(options({ "key-file": file.path }), true)!;
  assert(inFile.text !== file.key.text);
  assertEquals(keyToListenWith(options({ "key-file": file.path }))?.text, inFile.text);
  assertEquals(keyToListenWith(options())?.text, renewed.text);

  const cannot = "Cannot make a new key";
  assertThrows(() => keyToListenWith(options({ key: own }), true), UsageError, cannot);
  user.env("CAMCAT_KEY", own.text);
  assertThrows(() => keyToListenWith(options(), true), UsageError, cannot);
});

test("a damaged own key file is reported and not replaced", () => {
  const { ownFile } = Keyring.ofUser();
  writePrivate(ownFile, "nonsense\n");
  for (const use of [keyToListenWith, () => keyToConnectWith(HERE, undefined, options())]) {
    assertThrows(() => use(options()), CamcatError, `it is in ${ownFile}`);
  }
  assertEquals(Deno.readTextFileSync(ownFile), "nonsense\n");
});

test("--open together with a key is refused at both ends", () => {
  const key = Key.random();
  const cases: [string, () => unknown][] = [
    ["address", () => keyToConnectWith(THERE, key, options({ open: true }))],
    ["--key", () => keyToConnectWith(THERE, undefined, options({ open: true, key }))],
    ["listening, --key", () => keyToListenWith(options({ open: true, key }))],
  ];
  for (const [name, use] of cases) {
    assertThrows(use, UsageError, "Cannot use a key with --open", name);
  }
});

test("--open ignores a key that is set up, remembered or the user's own", (user) => {
  keyToListenWith(options());
  Keyring.ofUser().remember(HERE, Key.random());
  user.env("CAMCAT_KEY", Key.random().text);
  assertEquals(keyToConnectWith(HERE, undefined, options({ open: true })), undefined);
  assertEquals(keyToListenWith(options({ open: true })), undefined);
});

test("the message about an unreadable key names its place and not the key", (user) => {
  const almost = Key.random().text.slice(1);
  writePrivate(`${user.folder}/bad`, almost);
  const cases: [Partial<KeyOptions>, string | undefined, string][] = [
    [{}, almost, "it is in CAMCAT_KEY"],
    [{ "key-file": `${user.folder}/bad` }, undefined, `it is in ${user.folder}/bad`],
    [{ "key-file": `${user.folder}/none` }, undefined, `the file ${user.folder}/none must exist`],
  ];
  for (const [given, variable, words] of cases) {
    user.env("CAMCAT_KEY", variable);
    const error = assertThrows(
      () => keyToConnectWith(THERE, undefined, options(given)),
      Error,
      words,
    );
    assert(error instanceof CamcatError || error instanceof UsageError, words);
    assert(!error.message.includes(almost.slice(0, 8)));
  }
});

test("Keyring.ofUser() follows the system's rules, and says what is missing", (user) => {
  if (Deno.build.os !== "linux") return skipped("these are the rules of Linux");
  const cases: [string | undefined, string | undefined, string][] = [
    ["/xdg", "/home/me", "/xdg/camcat/key"],
    [undefined, "/home/me", "/home/me/.config/camcat/key"],
    ["", "/home/me", "/home/me/.config/camcat/key"],
    ["not/absolute", "/home/me", "/home/me/.config/camcat/key"],
  ];
  for (const [xdg, home, file] of cases) {
    user.env("XDG_CONFIG_HOME", xdg);
    user.env("HOME", home);
    assertEquals(Keyring.ofUser().ownFile, file);
  }
  user.env("XDG_CONFIG_HOME", undefined);
  user.env("HOME", undefined);
  assertThrows(() => Keyring.ofUser(), CamcatError, "HOME must be set");
  // With a key given, no such folder is needed.
  user.env("CAMCAT_KEY", Key.random().text);
  assert(keyToListenWith(options()) !== undefined);
  assert(keyToConnectWith(THERE, undefined, options()) !== undefined);
});

test("explainKey() says for each problem what to do", () => {
  const key = Key.random();
  const cases: [KeyProblem, Credential["from"] | undefined, string][] = [
    [
      "needed",
      undefined,
      "without its key. Use the whole address that it shows, camera.example:9000/KEY",
    ],
    [
      "not needed",
      "given",
      "with a key: it is open and not encrypted. If you trust it, leave the key out or use --open",
    ],
    ["not needed", "set up", "leave the key out or use --open"],
    [
      "not needed",
      "remembered",
      "it had a key before, and now it is open. It may be another machine",
    ],
    ["wrong", "given", "the key is wrong"],
    ["wrong", "set up", "the key is wrong"],
    ["wrong", "remembered", "its key has changed"],
    ["wrong", "own", "its key is not this user's key"],
  ];
  for (const [problem, from, words] of cases) {
    const credential = from && { key, from };
    const error = explainKey(new KeyError(problem, "inside"), THERE, credential);
    assert(error instanceof CamcatError);
    assert(error.message.startsWith("Cannot connect to camera.example:9000"), error.message);
    assert(error.message.includes(words), error.message);
    assert(!error.message.includes(key.text) && !error.message.endsWith("."), error.message);
  }
});
