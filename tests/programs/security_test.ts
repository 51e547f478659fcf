// The compiled programs, and what is promised of their keys: to those who have one,
// and against those who do not.

import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "../support/x509.ts";
// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encodeControl } from "../../lib/protocol/codec.ts";
import { dial } from "../../lib/security/dial.ts";
import { closeQuietly, type Connection } from "../../lib/protocol/connection.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import { handshakeAsSender, handshakeAsViewer } from "../../lib/security/handshake.ts";
import { TLS_NAME } from "../../lib/security/certificate.ts";
import { type Identity, identityOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { LoopbackTls } from "../../lib/security/loopback_tls.ts";
import { join, jpeg, SCAN, sof, SOI, SOS } from "../support/jpegs.ts";
import { Folder } from "../support/folder.ts";
import { until, withPatience } from "../support/patience.ts";
import { childrenOf } from "../support/processes.ts";
import {
  type Event,
  type Program,
  programTest,
  RECEIVER,
  SENDER,
  startReceiver,
  startSender,
  TEST_KEY,
} from "../support/programs.ts";
import { Random } from "../support/random.ts";

const SMALL = ["test", "--size=320x240"];
const SECURE = encodeControl({ type: "secure", version: 1 });

/** Somebody with an account on this machine, and no key in the environment. */
class User extends Folder {
  readonly options = { env: { XDG_CONFIG_HOME: this.path, CAMCAT_KEY: "" } };

  get keyFile(): string {
    return `${this.path}/camcat/key`;
  }

  /** Runs a program to its end. */
  async run(
    program: "sender" | "receiver",
    ...args: string[]
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const { code, stdout, stderr } = await new Deno.Command(
      { sender: SENDER, receiver: RECEIVER }[program],
      {
        args,
        stdin: "null",
        ...this.options,
      },
    ).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, stdout: out, stderr: err };
  }
}

/** All that a program has said. */
function said({ events, stderr }: Program): string {
  return JSON.stringify(events) + stderr;
}

/** Fails if any part of a key that is worth something is in a text. */
function assertNoKey(text: string, key: string): void {
  const plain = text.replaceAll("-", "").toLowerCase();
  const part = key.replaceAll("-", "");
  for (let at = 0; at + 8 <= part.length; at++) {
    assert(!plain.includes(part.slice(at, at + 8)), `a key is told: ${text}`);
  }
}

function isStream({ event, state, live }: Event): boolean {
  return event === "connection" && state === "stream" && live === true;
}

function isRefused({ event }: Event): boolean {
  return event === "refused";
}

/** The sentence with which a program ended, and its exit status. */
async function ending(program: Program): Promise<[number, string]> {
  const { code } = await program.status();
  const error = program.events.find(({ event }) => event === "error");
  return [code, error?.message ?? program.stderr];
}

programTest("sender makes a key at the first run, for its user only, and keeps it", async () => {
  await using user = new User();
  await using first = startSender(SMALL, user.options);
  await first.port();
  const text = Deno.readTextFileSync(user.keyFile).trim();
  assertEquals(Key.parse(text).text, text);
  assertEquals(Deno.statSync(user.keyFile).mode! & 0o777, 0o600);
  assertEquals(Deno.statSync(`${user.path}/camcat`).mode! & 0o777, 0o700);
  await using second = startSender(SMALL, user.options);
  await second.port();
  assertEquals(Deno.readTextFileSync(user.keyFile).trim(), text);
  const shown = await user.run("sender", "--show-key");
  assertEquals([shown.code, shown.stdout, shown.stderr], [0, `${text}\n`, ""]);

  const renewed = await user.run("sender", "--new-key", "--show-key");
  const other = Deno.readTextFileSync(user.keyFile).trim();
  assert(other !== text);
  assertEquals([renewed.code, renewed.stdout], [0, `${other}\n`]);
  await using third = startSender([...SMALL, "--new-key"], user.options);
  await third.port();
  const last = Deno.readTextFileSync(user.keyFile).trim();
  assert(last !== other);
  assertEquals([...Deno.readDirSync(`${user.path}/camcat`)].map(({ name }) => name), ["key"]);

  // Nor does any of them tell it, to a log or to another program.
  for (const program of [first, second, third]) {
    for (const key of [text, other, last]) assertNoKey(said(program), key);
  }
});

programTest(
  "a key file that others can read, or that is damaged, is refused with a mend",
  async () => {
    await using user = new User();
    await user.run("sender", "--show-key");
    Deno.chmodSync(user.keyFile, 0o644);
    const readable = await user.run("sender", "test");
    assertEquals(readable.code, 1);
    assertMatch(
      readable.stderr,
      /other users of this machine can read it. Run: chmod 600 .*\/camcat\/key/,
    );
    Deno.writeTextFileSync(user.keyFile, "nonsense");
    Deno.chmodSync(user.keyFile, 0o600);
    const damaged = await user.run("sender", "--show-key");
    assertEquals(damaged.code, 1);
    assertMatch(
      damaged.stderr,
      /^sender: Cannot use the key: .*received 8.*it is in .*\/camcat\/key/,
    );
  },
);

programTest("sender --open has no key to show, and says so instead of an empty line", async () => {
  await using user = new User();
  for (const show of ["--show-key", "--show-token"]) {
    const { code, stdout, stderr } = await user.run("sender", "--open", show);
    assertEquals([code, stdout], [2, ""]);
    assertEquals(stderr, "sender: Cannot show a key: with --open there is none\n");
  }
});

programTest("sender --key-file makes a file beside it, too", async () => {
  await using user = new User();
  const { code, stdout, stderr } = await new Deno.Command(SENDER, {
    args: ["--key-file=mine", "--show-key"],
    cwd: user.path,
    ...user.options,
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertEquals(Deno.readTextFileSync(`${user.path}/mine`), new TextDecoder().decode(stdout));
});

programTest("receiver needs no key for a sender of the same user on this machine", async () => {
  await using user = new User();
  await using stranger = new User();
  await using sender = startSender(SMALL, user.options);
  const address = `127.0.0.1:${await sender.port()}`;
  await using receiver = startReceiver([address, "--no-display"], user.options);
  await receiver.event(isStream);
  assertEquals(receiver.events.find(({ state }) => state === "connected")?.encrypted, true);
  await using other = startReceiver([address, "--no-display"], stranger.options);
  const [code, message] = await ending(other);
  assertEquals(code, 1);
  assertMatch(message, /^Cannot connect to 127.0.0.1:\d+ without its key. Use the whole address/);
  assert(!other.events.some(isStream));
});

programTest("receiver remembers a key that has worked, and forgets it when told to", async () => {
  await using user = new User();
  await using sender = startSender(SMALL);
  const address = `127.0.0.1:${await sender.port()}`;
  await using first = startReceiver([`${address}/${TEST_KEY.text}`, "--no-display"], user.options);
  await first.event(isStream);
  await first.event(({ event, to }) => event === "remembered" && to === address);
  assertEquals(await first.stop(), 0);
  assertEquals(Deno.statSync(`${user.path}/camcat/known.json`).mode! & 0o777, 0o600);

  await using second = startReceiver([address, "--no-display"], user.options);
  await second.event(isStream);
  assertEquals(await second.stop(), 0);
  for (const program of [first, second]) assertNoKey(said(program), TEST_KEY.text);

  const forgotten = await user.run("receiver", "--forget", "127.0.0.1");
  assertEquals([forgotten.code, forgotten.stdout], [0, `Forgot the key of ${address}\n`]);
  const again = await user.run("receiver", "--forget", "127.0.0.1");
  assertEquals(
    [again.code, again.stderr],
    [1, "receiver: Cannot forget the key of 127.0.0.1: no key of it is saved\n"],
  );
  await using third = startReceiver([address, "--no-display"], user.options);
  assertEquals((await ending(third))[0], 1);

  // A wrong key is not remembered.
  await using wrong = startReceiver(
    [`${address}/${Key.random().text}`, "--no-display"],
    user.options,
  );
  assertEquals((await ending(wrong))[0], 1);
  assertEquals(Deno.readTextFileSync(`${user.path}/camcat/known.json`).trim(), "[]");
});

programTest(
  "receiver tells keys that do not go together, each in a sentence of its own",
  async () => {
    await using user = new User();
    await using owner = new User();
    await using keyed = startSender(SMALL);
    await using open = startSender([...SMALL, "--open"]);
    const [toKeyed, toOpen] = await Promise.all(
      [keyed, open].map(async (sender) => `127.0.0.1:${await sender.port()}`),
    );
    const other = Key.random().text;
    const mistyped = TEST_KEY.text.replace(/.$/, (last) => last === "q" ? "p" : "q");
    await owner.run("sender", "--show-key"); // makes a key that is not the sender's
    const known = { [toKeyed]: other, [toOpen]: other };
    const before = new User();
    await using _before = before;
    Deno.mkdirSync(`${before.path}/camcat`);
    Deno.writeTextFileSync(`${before.path}/camcat/known.json`, JSON.stringify(known), {
      mode: 0o600,
    });

    const cases: [string[], User, number, RegExp][] = [
      [[toKeyed], user, 1, /without its key. Use .*\/KEY, or run `sender --pair` there/],
      [[toKeyed, "--open"], user, 1, /without its key/],
      [[`${toKeyed}/${other}`], user, 1, /: the key is wrong. Use the whole address/],
      [[toKeyed], before, 1, /: its key has changed. Use the whole address/],
      [[toKeyed], owner, 1, /: its key is not this user's key/],
      [[`${toOpen}/${other}`], user, 1, /with a key: it is open and not encrypted/],
      [[toOpen], before, 1, /: it had a key before, and now it is open. It may be another machine/],
      [[`${toKeyed}/${mistyped}`], user, 2, /it contains a typing error/],
      [[`${toKeyed}/${other}`, "--open"], user, 2, /Cannot use a key with --open/],
    ];
    const programs = cases.map(([args, { options }]) =>
      startReceiver([...args, "--no-display"], options)
    );
    for (const [index, program] of programs.entries()) {
      await using receiver = program;
      const [args, , status, words] = cases[index];
      const [code, message] = await ending(receiver);
      assertMatch(message, words);
      assertEquals(code, status, args.join(" "));
      assert(!receiver.events.some(isStream));
      assert(!/\bat .*\.ts:\d+/.test(said(receiver)), said(receiver));
      for (const key of [TEST_KEY.text, other, mistyped]) assertNoKey(said(receiver), key);
    }
    // Those who take it as it is may watch the open one: --open, and no key at all.
    for (const args of [[toOpen], [toOpen, "--open"]]) {
      await using receiver = startReceiver([...args, "--no-display"], owner.options);
      await receiver.event(isStream);
      assertEquals(receiver.events.find(({ state }) => state === "connected")?.encrypted, false);
    }
  },
);

programTest(
  "no key is in a log, nor in the list of processes where a file or a variable gives it",
  async () => {
    await using user = new User();
    const { stdout } = await user.run("sender", "--show-key");
    const key = stdout.trim();
    const { options } = user;
    const file = `--key-file=${user.keyFile}`;
    const variable = { env: { ...options.env, CAMCAT_KEY: key } };
    // As text for people, to a file or a pipe, and as JSON.
    await using plain = new PlainSender(options);
    await using sender = startSender(SMALL, options);
    const address = `127.0.0.1:${await sender.port()}`;
    await using byFile = startReceiver([address, file, "--no-display"], options);
    await using byVariable = startReceiver([address, "--no-display"], variable);
    await using listening = startReceiver(["--listen=127.0.0.1:0", file, "--no-display"], options);
    await using pushing = startSender(
      [...SMALL, file, `--push=127.0.0.1:${await listening.port()}`],
      options,
    );
    const programs = [sender, byFile, byVariable, listening, pushing];
    for (const receiver of [byFile, byVariable, listening]) await receiver.event(isStream);
    await until(() => plain.stderr.includes("is live"), "the plain sender");
    assertMatch(plain.stderr, /\/KEY\n.*sender --show-key/);
    for (const { pid } of [plain, ...programs]) {
      assertNoKey(Deno.readTextFileSync(`/proc/${pid}/cmdline`), key);
    }
    for (const program of programs) assertNoKey(said(program), key);
    assertNoKey(plain.stderr, key);
  },
);

/** A sender that tells people what it does, into a pipe. */
class PlainSender implements AsyncDisposable {
  stderr = "";
  #process: Deno.ChildProcess;
  #read: Promise<void>;

  constructor({ env }: { env: Record<string, string> }) {
    this.#process = new Deno.Command(SENDER, {
      args: [...SMALL, "--listen=127.0.0.1:0"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env,
    }).spawn();
    const { stderr } = this.#process;
    this.#read = (async () => {
      for await (const text of stderr.pipeThrough(new TextDecoderStream())) this.stderr += text;
    })();
  }

  get pid(): number {
    return this.#process.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#read;
  }
}

/** Carries connections to a port of this machine, and keeps all that it carried. */
class Wiretap implements Disposable {
  bytes = 0;
  #pieces: Uint8Array[] = [];
  #listener: Deno.TcpListener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  constructor(port: number) {
    (async () => {
      for await (const from of this.#listener) {
        const to = await Deno.connect({ hostname: "127.0.0.1", port });
        for (const [a, b] of [[from, to], [to, from]]) {
          a.readable.pipeThrough(this.#tap()).pipeTo(b.writable).catch(() => {});
        }
      }
    })().catch(() => {}); // closed
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** How often a sequence of bytes went by. */
  count(wanted: Uint8Array | string): number {
    return this.text.split(typeof wanted === "string" ? wanted : binary(wanted)).length - 1;
  }

  /** All of it, as characters of the same numbers. */
  get text(): string {
    return binary(join(...this.#pieces));
  }

  #tap(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    return new TransformStream({
      transform: (piece, controller) => {
        this.#pieces.push(piece.slice());
        this.bytes += piece.length;
        controller.enqueue(piece);
      },
    });
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

/** Bytes as characters of the same numbers. */
function binary(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

programTest("who listens on the way sees no picture, no description and no key", async () => {
  const { proof } = await identityOf(TEST_KEY);
  for (const open of [true, false]) {
    await using sender = startSender([...SMALL, "--name=Nursery", ...(open ? ["--open"] : [])]);
    using tap = new Wiretap(await sender.port());
    await using receiver = startReceiver(
      [`127.0.0.1:${tap.port}`, "--no-display", ...(open ? ["--open"] : [])],
    );
    await receiver.event(isStream);
    await until(() => tap.bytes > 200_000, "enough to look at");
    await receiver.stop();
    const seen = ['{"type":"frame"', '{"type":"hello"', '{"type":"ping"', "Nursery", "Lavc", "JFIF"]
      .filter((text) => tap.count(text) > 0);
    const pictures = tap.count(Uint8Array.of(0xff, 0xd8, 0xff));
    if (open) {
      // The same eyes see it all where it is open.
      assertEquals(seen.slice(0, 4), [
        ...['{"type":"frame"', '{"type":"hello"', '{"type":"ping"', "Nursery"],
      ]);
      assert(pictures > 10, `${pictures}`);
    } else {
      assertEquals(seen, []);
      // Three given bytes come up by chance once in 16 MB of any cipher.
      assert(pictures < 3, `${pictures}`);
      for (const secret of [TEST_KEY.bytes, proof, TEST_KEY.text]) {
        assertEquals(tap.count(secret), 0);
      }
      assertNoKey(tap.text, TEST_KEY.text);
      assertEquals(tap.count('{"type":"secure"'), 1, "the tap works");
    }
  }
});

programTest("sender --push sends to who has the key, and nothing to others", async () => {
  await using user = new User();
  await using listening = startReceiver(["--listen=127.0.0.1:0", "--no-display"]);
  await using open = startReceiver(["--listen=127.0.0.1:0", "--no-display", "--open"]);
  const [to, toOpen] = await Promise.all(
    [listening, open].map(async (receiver) => `127.0.0.1:${await receiver.port()}`),
  );
  const other = Key.random().text;
  const push = (peer: string, ...more: string[]) =>
    startSender([...SMALL, `--push=${peer}`, ...more], user.options);

  const refusals: [string, RegExp][] = [
    [`${to}/${other}`, /: the key is wrong. Use the whole address/],
    [to, /^Cannot push to 127.0.0.1:\d+ without its key: give the whole address/],
    [`${toOpen}/${other}`, /with a key: it is open and not encrypted/],
  ];
  for (const [peer, words] of refusals) {
    await using sender = push(peer);
    const [code, message] = await ending(sender);
    assertMatch(message, words);
    assertEquals(code, 1);
    assertNoKey(said(sender), other);
  }
  assertMatch((await listening.event(isRefused)).reason, /has another key|does not have the key/);

  await using careless = push(to, "--open");
  const from = listening.events.length;
  await listening.event((event) => isRefused(event) || isStream(event), 0);
  await careless.event(({ event, state }) => event === "viewer" && state === "left");
  assert(!listening.events.slice(from).some(isStream));
  await careless.stop();

  await using right = push(`${to}/${TEST_KEY.text}`);
  await listening.event(isStream);
  await right.event(({ event, to: where }) => event === "remembered" && where === to);
  assertEquals(await right.stop(), 0);
  await using again = push(to);
  await listening.event(isStream, listening.events.length);
  assertNoKey(said(right) + said(again) + said(listening), TEST_KEY.text);
  assert(!open.events.some(isStream));
  await using openly = push(toOpen, "--open");
  await openly.event(({ event, state }) => event === "viewer" && state === "connected");
  await open.event(isStream);
});

programTest(
  "sender --on-demand opens the camera for nobody who has not proven the key",
  async () => {
    await using sender = startSender([...SMALL, "--on-demand"]);
    const address = { hostname: "127.0.0.1", port: await sender.port() };
    await sender.event(({ state }) => state === "idle");
    const since = performance.now();
    using silent = await Deno.connect(address);
    using half = await Deno.connect(address);
    await half.write(SECURE.subarray(0, 7));
    using clinging = await Deno.connect(address);
    await clinging.write(SECURE);
    using keyless = await Deno.connect(address);
    await keyless.write(encodeControl({ type: "hello", version: 1 }));
    assertMatch(binary(await readAll(keyless)), /^....\{"type":"bye",.*"key":"needed"\}$/s);
    const handshake = handshakeAsViewer(await identityOf(Key.random()));
    await assertRejects(() => dial(address, { handshake }), CamcatError, "another key");
    // Real time for once: those who say nothing are closed after 5 s.
    for (const peer of [silent, half]) assertEquals((await readAll(peer)).length, 0);
    const seconds = (performance.now() - since) / 1000;
    assert(seconds > 4.9, `closed after ${seconds} s`);
    assertEquals((await childrenOf(sender.pid)).size, 0);
    const states = () =>
      sender.events.filter(({ event }) => event === "capture").map(({ state }) => state);
    assertEquals(states(), ["idle"]);
    assert(!sender.events.some(({ event }) => event === "viewer"));

    await using receiver = startReceiver([`127.0.0.1:${address.port}`, "--no-display"]);
    await receiver.event(({ event, frames }) => event === "stats" && frames > 0);
    assert(states().includes("live"));
  },
);

/** All that comes, however it ends. */
async function readAll(connection: Connection): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  return await withPatience(async () => {
    for (;;) {
      const piece = new Uint8Array(4096);
      const count = await connection.read(piece).catch(() => null);
      if (count === null) return join(...pieces);
      pieces.push(piece.subarray(0, count));
    }
  }, () => "the end of a connection");
}

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]) / 1024;
}

function descriptorsOf(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Frames a second since an event, second by second, from the lowest to the highest. */
function ratesOf({ events }: Program, from: number): number[] {
  return events.slice(from).filter(({ event }) => event === "stats").map(({ fps }) => fps)
    .sort((a, b) => a - b);
}

programTest("an attack by thousands who have no key does not disturb those who have", async () => {
  await using sender = startSender([...SMALL, "--listen=[::]:0"]);
  const port = await sender.port();
  const start = () => startReceiver([`127.0.0.1:${port}`, "--no-display"]);
  await using viewers = new AsyncDisposableStack();
  const watching = Array.from({ length: 4 }, () => viewers.use(start()));
  // What this machine can do at the same time, without an attack.
  await using other = startSender(SMALL);
  await using bystander = startReceiver([`127.0.0.1:${await other.port()}`, "--no-display"]);
  for (const viewer of [...watching, bystander]) {
    await viewer.event(({ event, fps }) => event === "stats" && fps > 20);
  }
  const before = { memory: memoryOf(sender.pid), descriptors: descriptorsOf(sender.pid) };
  const marks = [sender, ...watching, bystander].map(({ events }) => events.length);

  // From another address than the viewers', as an attacker's is.
  const address = { hostname: "::1", port };
  const halfOpen: Deno.TcpConn[] = [];
  const opening = (async () => {
    for (let count = 0; count < 1000; count++) {
      const peer = await Deno.connect(address);
      halfOpen.push(peer);
      if (count % 2 === 1) await peer.write(SECURE);
    }
  })();
  const wrong = { handshake: handshakeAsViewer(await identityOf(Key.random())) };
  let attempts = 0;
  let isAdmitted = false;
  const guessing = Array.from({ length: 100 }, async () => {
    while (attempts++ < 1000 || !isAdmitted) {
      await assertRejects(() => dial(address, wrong), CamcatError);
    }
  });
  await until(() => attempts > 300, "the attack to be under way");
  const admission = async () => {
    const since = performance.now();
    await using viewer = start();
    await viewer.event(isStream);
    return Math.round(performance.now() - since);
  };
  const duringMs = await admission().finally(() => isAdmitted = true);
  const most = [descriptorsOf(sender.pid)];
  await Promise.all([opening, ...guessing]);
  most.push(descriptorsOf(sender.pid));
  const stats = () => sender.events.slice(marks[0]).filter(({ event }) => event === "stats").length;
  await until(() => stats() >= 4, "a few seconds of figures");
  const rates = [sender, ...watching, bystander].map((program, index) =>
    ratesOf(program, marks[index])
  );
  // What lasts, and not what another program on this machine does in one second.
  const medians = rates.map((fps) => fps[fps.length >> 1]);
  const memory = memoryOf(sender.pid);
  for (const peer of halfOpen) closeQuietly(peer);
  const afterMs = await admission();
  await until(() => descriptorsOf(sender.pid) <= before.descriptors + 2, "all descriptors freed");

  console.log(
    `a viewer gets in after ${duringMs} ms during the attack, ${afterMs} ms after it; ` +
      `${
        medians.map(Math.round)
      } fps at the sender, 4 viewers and a bystander, in the worst second ` +
      `${rates.map(([fps]) => Math.round(fps))}; memory ` +
      `${before.memory.toFixed()} to ${memory.toFixed()} MB, descriptors ${before.descriptors} ` +
      `to ${Math.max(...most)}, and ${descriptorsOf(sender.pid)} after it`,
  );
  // The attacker takes from the same two cores here, and on a busy machine most of what there is:
  // they go on at a rate of that order, and do not wait for the end of the attack.
  const enough = 0.1 * medians.at(-1)!;
  for (const fps of medians) assert(fps > enough, `${medians}`);
  // A heap that has never been so busy grows, once: five times the attempts take no more.
  assert(memory < before.memory + 110, `${memory} MB`);
  // 1024 that have proven nothing, 64 of them with both ends of their encryption, and none of the
  // other thousands.
  assert(Math.max(...most) < before.descriptors + 1300, `${most} descriptors`);
  assertEquals(
    watching.flatMap(({ events }) => events.filter(({ state }) => state === "lost")),
    [],
  );
  // A viewer that a busy machine keeps from proving its key in time is refused, too, and comes again.
  const refusals = sender.events.filter((it) => isRefused(it) && it.address !== "127.0.0.1")
    .map(({ failures }) => failures);
  assert(refusals.length > 2, `${refusals}`);
  assertEquals(refusals, [1, 10, 100, 1000, 10_000].slice(0, refusals.length));
});

/** Sends until the other end has had enough, or `bytes` of it. */
async function flood(
  to: Connection,
  bytes: number,
  next: () => Uint8Array,
): Promise<void> {
  try {
    while (bytes > 0) {
      let rest = next();
      bytes -= rest.length;
      while (rest.length > 0) rest = rest.subarray(await to.write(rest));
    }
  } catch {
    // it has had enough
  }
}

function framed(...parts: (number | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const payload = join(...parts);
  const bytes = new Uint8Array(4 + payload.length);
  new DataView(bytes.buffer).setUint32(0, payload.length);
  bytes.set(payload, 4);
  return bytes;
}

const STREAM = encodeControl({ type: "stream", version: 1, name: "x", live: true, reason: "" });

/** What a sender may say in bad faith, and with what the receiver ends. */
const HOSTILE: [string, () => Uint8Array, RegExp][] = [
  ["a length of 4 GB", () => join(0xff, 0xff, 0xff, 0xff, 0xff, 0xd8), /1 to 16777216 bytes long/],
  ["a JPEG of 16 MB and a byte", () => join(1, 0, 0, 1, 0xff, 0xd8), /received 16777217/],
  ["a control message of 4 GB", () => join(0xff, 0xff, 0xff, 0xff, 0x7b), /1 to 4096 bytes long/],
  ["endless JSON", () => framed(new Uint8Array(4096).fill(0x7b)), /it must be JSON/],
  [
    "deep JSON",
    () => framed(0x7b, 0x22, 0x22, 0x3a, new Uint8Array(4092).fill(0x5b)),
    /must be JSON/,
  ],
  [
    "garbage",
    () => new Random(7).bytes(100_000),
    /not a camcat sender|The sender broke the protocol/,
  ],
  [
    "a picture of 60000x60000",
    () => framed(SOI, sof(60000, 60000), SOS, SCAN, 0xff, 0xd9),
    /60000x60000/,
  ],
  ["half a JPEG", () => framed(jpeg().subarray(0, 100)), /it must be a JPEG from SOI to EOI/],
  ["pings without end, read by nobody", pings, /must read the answers|The connection broke/],
  ["changes of its name at full speed", () => {
    const name = crypto.randomUUID().repeat(5);
    return encodeControl({ type: "stream", version: 1, name, live: true, reason: "" });
  }, /Cannot take more than 100 control messages a second/],
];

function pings(): Uint8Array {
  const ping = encodeControl({ type: "ping", time: 1 });
  return join(STREAM, ...Array(2000).fill(ping));
}

for (const keyed of [false, true]) {
  programTest(
    `receiver ends in a sentence with a sender that means harm, ${keyed ? "with its key" : "open"}`,
    async () => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const handshake = handshakeAsSender(await identityOf(TEST_KEY));
      const { signal } = new AbortController();
      for (const [name, attack, words] of HOSTILE) {
        await using receiver = startReceiver([
          ...[`127.0.0.1:${listener.addr.port}`, "--no-display", "--once"],
          ...(keyed ? [] : ["--open"]),
        ]);
        const accepted = await listener.accept();
        const connection = keyed ? await handshake(accepted, signal) : accepted;
        await withPatience(() => flood(connection, Infinity, attack), () => name);
        const [code, message] = await ending(receiver);
        closeQuietly(connection);
        assertEquals(code, 1, name);
        assertMatch(message, words);
        assert(message.length < 300 && !/\bat .*\.ts:\d+/.test(said(receiver)), said(receiver));
      }
    },
  );
}

/** What a sender may say without end and within the rules. */
const FLOODS: [string, () => Uint8Array][] = [
  [
    "tiny pictures at full speed",
    (() => {
      const pieces = join(...Array(500).fill(framed(jpeg())));
      let first: Uint8Array | undefined = STREAM;
      return () => {
        const next = first === undefined ? pieces : join(first, pieces);
        first = undefined;
        return next;
      };
    })(),
  ],
  [
    "messages of unknown types at full speed",
    (() => {
      const pieces = join(...Array(1000).fill(framed(new TextEncoder().encode('{"type":"new"}'))));
      return () => pieces;
    })(),
  ],
];

programTest("receiver lives with a sender that never stops, in the same memory", async () => {
  for (const [name, next] of FLOODS) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using receiver = startReceiver([
      ...[`127.0.0.1:${listener.addr.port}`, "--no-display", "--once", "--open"],
    ]);
    using connection = await listener.accept();
    await flood(connection, 20e6, next);
    const early = memoryOf(receiver.pid);
    await flood(connection, 40e6, next);
    const late = memoryOf(receiver.pid);
    assert(late < early + 50, `${name}: ${early} to ${late} MB`);
    assert(late < 300, `${name}: ${late} MB`);
    // Alive, and does as it is told.
    assertEquals(await receiver.stop(), 0);
  }
});

/** A certificate for {@linkcode TLS_NAME} by an authority, and the authority's own, in PEM. */
async function certifiedIdentity(): Promise<{ identity: Identity; authority: string }> {
  const signingAlgorithm = { name: "Ed25519" };
  const generate = () => crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const [root, leaf] = await Promise.all([generate(), generate()]) as CryptoKeyPair[];
  const dates = { notBefore: new Date("2020-01-01"), notAfter: new Date("2090-01-01") };
  const authority: X509Certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=authority",
    ...dates,
    signingAlgorithm,
    keys: root,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const certificate = await X509CertificateGenerator.create({
    subject: "CN=camcat",
    issuer: authority.subject,
    ...dates,
    signingAlgorithm,
    publicKey: leaf.publicKey,
    signingKey: root.privateKey,
    extensions: [
      new BasicConstraintsExtension(false),
      new SubjectAlternativeNameExtension([{ type: "dns", value: TLS_NAME }]),
    ],
  });
  const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", leaf.privateKey));
  return {
    authority: authority.toString("pem") + "\n",
    identity: {
      certificate: certificate.toString("pem") + "\n",
      privateKey:
        `-----BEGIN PRIVATE KEY-----\n${privateKey.toBase64()}\n-----END PRIVATE KEY-----\n`,
      proof: new Uint8Array(),
    },
  };
}

/** Poses as a viewer. @returns the first byte it is told inside, or nothing */
async function pose(connection: Deno.TcpConn, identity: Identity): Promise<Uint8Array> {
  await connection.write(SECURE);
  const start = new Uint8Array(1);
  assertEquals(await connection.read(start), 1);
  const tunnel = await LoopbackTls.open(connection, start, identity);
  await tunnel.tls.handshake().catch(() => {});
  const told = new Uint8Array(1);
  const count = await tunnel.tls.read(told).catch(() => null);
  tunnel.close();
  return told.subarray(0, count ?? 0);
}

programTest("no authority that the system trusts can vouch for a viewer", async () => {
  await using user = new User();
  const { identity, authority } = await certifiedIdentity();
  const file = `${user.path}/authority.pem`;
  Deno.writeTextFileSync(file, authority);
  const env = { SSL_CERT_FILE: file, DENO_TLS_CA_STORE: "system", DENO_CERT: file };
  const port = 0;
  const hostname = "127.0.0.1";

  await using listening = startSender(SMALL, { env });
  using viewer = await Deno.connect({ hostname, port: await listening.port() });
  assertEquals((await pose(viewer, identity)).length, 0);
  await listening.event(isRefused);

  using fakeReceiver = Deno.listen({ hostname, port });
  await using pushing = startSender([...SMALL, `--push=${hostname}:${fakeReceiver.addr.port}`], {
    env,
  });
  using pushed = await fakeReceiver.accept();
  assertEquals((await pose(pushed, identity)).length, 0);
  await pushing.event(({ event }) => event === "push-failed" || event === "error");
  assert(!pushing.events.some(({ event }) => event === "viewer"));

  // The same certificate does open the way to who trusts the system: it is a good one.
  using library = Deno.listen({ hostname, port });
  const { href } = new URL("../../lib/", import.meta.url);
  const code = `
    import { handshakeAsSender } from "${href}security/handshake.ts";
    import { identityOf } from "${href}security/identity.ts";
    import { Key } from "${href}security/key.ts";
    const connection = await Deno.connect({ hostname: "${hostname}", port: ${library.addr.port} });
    const handshake = handshakeAsSender(await identityOf(Key.random()));
    await handshake(connection, new AbortController().signal);
    await new Promise(() => {});`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    cwd: new URL("../..", import.meta.url).pathname,
    env,
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  try {
    using trusting = await library.accept();
    assertEquals((await pose(trusting, identity)).length, 1);
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // with nothing left to do it has ended
    }
    await child.status;
  }
});
