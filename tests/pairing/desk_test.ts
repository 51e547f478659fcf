// Real sockets. A sender that shows a code, a receiver that types it, and everybody who would like
// to have the key without it.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CamcatError, KeyError } from "../../lib/base/errors.ts";
import { toBase64 } from "../../lib/pairing/base64.ts";
import { PairingDesk } from "../../lib/pairing/desk.ts";
import { PairingGuest } from "../../lib/pairing/guest.ts";
import { pairWith } from "../../lib/pairing/pair_with.ts";
import type { Pairing, PairingEvent } from "../../lib/pairing/pairing.ts";
import { type Address, EVERY_INTERFACE } from "../../lib/protocol/address.ts";
import { encodeControl } from "../../lib/protocol/codec.ts";
import { closeQuietly, type Connection } from "../../lib/protocol/connection.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { readControl } from "../../lib/protocol/read_control.ts";
import { camerasOf } from "../../lib/receive/remote_cameras.ts";
import { Gatekeeper } from "../../lib/security/gatekeeper.ts";
import { admitAsSender } from "../../lib/security/handshake.ts";
import { identityOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { accept, listen } from "../../lib/security/listen.ts";
import { until } from "../support/patience.ts";
import { Time } from "../support/time.ts";

const KEY = Key.random();
const IDENTITY = await identityOf(KEY);
const NEVER = new AbortController().signal;
const SHARE = toBase64((await PairingGuest.begin("000000", "key")).share);

/** A sender that pairs. */
class Sender implements AsyncDisposable {
  readonly desk = new PairingDesk(KEY);
  readonly events: PairingEvent[] = [];
  readonly refused: string[] = [];
  /** Connections that got through: none of these tests has the key. */
  admitted = 0;
  readonly address: Address;
  #stop = new AbortController();
  #accepting: Promise<void>;

  constructor() {
    // As the sender does by default: IPv4 peers have an IPv6 form there.
    const listener = listen({ hostname: EVERY_INTERFACE, port: 0 });
    this.address = { hostname: "127.0.0.1", port: listener.addr.port };
    const gatekeeper = new Gatekeeper(
      admitAsSender(IDENTITY, this.desk),
      (_, reason) => this.refused.push(reason),
    );
    this.#accepting = accept(listener, { signal: this.#stop.signal, gatekeeper }, () => {
      this.admitted++;
    });
  }

  async open(validMs?: number): Promise<Pairing> {
    return await this.desk.open((event) => this.events.push(event), validMs);
  }

  get states(): string[] {
    return this.events.map(({ state }) => state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.desk.close();
    this.#stop.abort();
    await this.#accepting;
  }
}

/** Another code than that one. */
function wrong(code: string, by = 1): string {
  return `${(Number(code) + by) % 1_000_000}`.padStart(6, "0");
}

/** A connection that says these things and reads what comes. */
class Client implements Disposable {
  #connection: Deno.TcpConn;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async connect(address: Address): Promise<Client> {
    return new Client(await Deno.connect(address));
  }

  async say(message: Control): Promise<void> {
    await this.#connection.write(encodeControl(message));
  }

  async hears(): Promise<Control | undefined> {
    return await readControl(this.#connection);
  }

  /** Whether the other end closes without another byte. */
  async isClosed(): Promise<boolean> {
    return await this.#connection.read(new Uint8Array(1)).catch(() => null) === null;
  }

  [Symbol.dispose](): void {
    closeQuietly(this.#connection);
  }
}

/** Has a code, and is at the point where one more message gets the key. */
async function almost(sender: Sender, code: string): Promise<{ client: Client; confirm: Control }> {
  return await exchange(sender, await PairingGuest.begin(code, "key"));
}

async function exchange(
  sender: Sender,
  guest: PairingGuest,
): Promise<{ client: Client; confirm: Control }> {
  const client = await Client.connect(sender.address);
  await client.say({ type: "pair", version: 1, share: toBase64(guest.share) });
  const answer = await client.hears();
  assert(answer?.type === "pair", Deno.inspect(answer));
  const confirmation = guest.confirm(Uint8Array.fromBase64(answer.share))!;
  return { client, confirm: { type: "confirm", confirmation: toBase64(confirmation) } };
}

Deno.test("a receiver that knows the code learns the key, once", async () => {
  await using sender = new Sender();
  const { code } = await sender.open();
  assertEquals((await pairWith(sender.address, code, NEVER)).text, KEY.text);
  assertEquals(sender.events, [{ state: "paired", peer: "127.0.0.1", tries: 0 }]);
  const error = await assertRejects(() => pairWith(sender.address, code, NEVER), KeyError);
  assertMatch(error.message, /^Cannot pair with 127.0.0.1:\d+: it says: The code has been/);
  assertEquals([error.tries, sender.admitted], [undefined, 0]);
});

Deno.test("a sender says whether it shows a code, and never which", async () => {
  await using sender = new Sender();
  const ask = () => assertRejects(() => camerasOf(sender.address, { signal: NEVER }), KeyError);
  assertEquals((await ask()).tries, undefined);
  const { code } = await sender.open();
  const error = await ask();
  assertEquals([error.tries, sender.refused], [3, ["it uses no key"]]); // the first one was refused
  assert(!error.message.includes(code));
  sender.desk.close();
  assertEquals((await ask()).tries, undefined);
});

Deno.test("three wrong codes make the code invalid, for the right one too", async () => {
  await using sender = new Sender();
  const { code } = await sender.open();
  const triesAfter = async (code: string) =>
    (await assertRejects(() => pairWith(sender.address, code, NEVER), KeyError)).tries;
  assertEquals(await triesAfter(wrong(code)), 2);
  assertEquals(await triesAfter(wrong(code, 2)), 1);
  assertEquals(await triesAfter(wrong(code, 3)), 0);
  const error = await assertRejects(() => pairWith(sender.address, code, NEVER), KeyError);
  assertMatch(error.message, /The code was wrong three times and is not valid any more$/);
  assertEquals(sender.states, ["wrong", "wrong", "used up"]);
});

Deno.test("eight guesses at the same time are three, and the right one among them is too late", async () => {
  await using sender = new Sender();
  const { code } = await sender.open();
  const codes = [1, 2, 3, 4, 5, 6, 7].map((by) => wrong(code, by)).concat(code);
  const guests = await Promise.all(codes.map((code) => PairingGuest.begin(code, "key")));
  // Each has passed everything that does not count: now all guess at once.
  const begun = await Promise.all(guests.map((guest) => exchange(sender, guest)));
  for (const { client, confirm } of begun) await client.say(confirm);
  const heard = await Promise.all(begun.map(({ client }) => client.hears()));
  assertEquals(heard.map((message) => message?.type), heard.map(() => "bye" as const));
  assertEquals(sender.states, ["wrong", "wrong", "used up"]);
  for (const { client } of begun) client[Symbol.dispose]();
});

Deno.test("of two receivers with the code, the first gets the key", async () => {
  await using sender = new Sender();
  const { code } = await sender.open();
  const guests = await Promise.all([code, code].map((code) => PairingGuest.begin(code, "key")));
  const [one, other] = await Promise.all(guests.map((guest) => exchange(sender, guest)));
  await other.client.say(other.confirm);
  assertEquals((await other.client.hears())?.type, "key");
  await one.client.say(one.confirm);
  const bye = await one.client.hears();
  assert(bye?.type === "bye" && /has been used/.test(bye.reason), Deno.inspect(bye));
  assertEquals(sender.states, ["paired"]);
  for (const { client } of [one, other]) client[Symbol.dispose]();
});

Deno.test("a code that has expired is worth nothing, also in the middle of an exchange", async () => {
  await using sender = new Sender();
  const pairing = await sender.open(1);
  assertEquals((await pairing.ended).state, "expired");
  const guest = await PairingGuest.begin(pairing.code, "key");
  const attempt = (await pairing.begin(guest.share, "key", NEVER))!;
  assertEquals(attempt.answer(guest.confirm(attempt.share)!, "peer"), undefined);
  const late = await assertRejects(() => pairWith(sender.address, pairing.code, NEVER), KeyError);
  assertMatch(late.message, /The code has expired$/);
  assertEquals(sender.states, ["expired"]);
});

Deno.test("a new code makes the one before invalid", async () => {
  await using sender = new Sender();
  const { client, confirm } = await almost(sender, (await sender.open()).code);
  const { code } = await sender.open();
  await client.say(confirm);
  assertEquals((await client.hears())?.type, "bye");
  assertEquals(sender.states, ["withdrawn"]);
  assertEquals((await pairWith(sender.address, code, NEVER)).text, KEY.text);
  client[Symbol.dispose]();
});

Deno.test("a recorded exchange, said again, gets nothing", async () => {
  await using sender = new Sender();
  const { code } = await sender.open();
  const recorded: Control[] = [];
  const relay = new Relay(sender.address, (message) => {
    recorded.push(message);
    return message;
  });
  assertEquals((await pairWith(relay.address, code, NEVER)).text, KEY.text);
  await relay.close();
  assertEquals(recorded.map(({ type }) => type), ["pair", "pair", "confirm", "key"]);

  // The same code again, as if it came twice: the sender's share is another one.
  const pairing = await sender.open();
  using client = await Client.connect(sender.address);
  await client.say(recorded[0]);
  const share = await client.hears();
  assert(
    share?.type === "pair" && recorded[1].type === "pair" && share.share !== recorded[1].share,
  );
  await client.say(recorded[2]);
  assertEquals((await client.hears())?.type, "bye");
  assertEquals(pairing.tries, 2);
});

Deno.test("what passes a relay tells it neither code nor key", async () => {
  await using sender = new Sender();
  const { code } = await sender.open();
  let text = "";
  const relay = new Relay(sender.address, (message) => {
    text += JSON.stringify(message);
    return message;
  });
  await pairWith(relay.address, code, NEVER);
  await relay.close();
  for (const secret of [code, KEY.text, KEY.bytes.toHex(), KEY.bytes.toBase64()]) {
    assert(!text.includes(secret));
  }
});

/** What somebody in the middle may do with one message of each kind, for each byte that it has. */
const CHANGES: [string, (message: Control) => Control | undefined, RegExp][] = [
  ["the share", changed("pair", "share"), /closed the connection|The code is wrong/],
  ["the viewer's confirmation", changed("confirm", "confirmation"), /The code is wrong; 2/],
  ["the sender's confirmation", changed("key", "confirmation"), /does not know the code/],
  ["the sealed key", changed("key", "sealed"), /does not know the code/],
];
for (const [what, change, reason] of CHANGES) {
  Deno.test(`a man in the middle who changes ${what} breaks the exchange`, async () => {
    await using sender = new Sender();
    const { code } = await sender.open();
    const relay = new Relay(sender.address, (message) => change(message) ?? message);
    const error = await assertRejects(() => pairWith(relay.address, code, NEVER), CamcatError);
    assertMatch(error.message, reason);
    await relay.close();
  });
}

Deno.test("a man in the middle with shares of his own, and no code, has one guess", async () => {
  await using sender = new Sender();
  const { code } = await sender.open();
  const his = await PairingGuest.begin(wrong(code), "key");
  const relay = new Relay(
    sender.address,
    (message) => message.type === "pair" ? { ...message, share: toBase64(his.share) } : message,
  );
  const error = await assertRejects(() => pairWith(relay.address, code, NEVER), KeyError);
  assertMatch(error.message, /The code is wrong; 2 tries are left$/);
  await relay.close();
});

Deno.test("somebody who poses as the sender without the code is noticed, and gets no code", async () => {
  const imposter = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = imposter.addr;
  const posing = (async () => {
    using connection = await imposter.accept();
    const said = [await readControl(connection)];
    await connection.write(encodeControl({ type: "pair", version: 1, share: SHARE }));
    said.push(await readControl(connection));
    const nothing = toBase64(new Uint8Array(32));
    await connection.write(encodeControl({ type: "key", confirmation: nothing, sealed: nothing }));
    return said;
  })();
  const error = await assertRejects(
    () => pairWith({ hostname: "127.0.0.1", port }, "123456", NEVER),
    CamcatError,
  );
  assertMatch(error.message, /whoever answered does not know the code/);
  assert(!JSON.stringify(await posing).includes("123456"));
  imposter.close();
});

/** What a viewer may say in place of its share or its confirmation. */
const NONSENSE: [string, Control | Uint8Array<ArrayBuffer>][] = [
  ["the identity", { type: "pair", version: 1, share: toBase64(new Uint8Array(65)) }],
  ["a point off the curve", { type: "pair", version: 1, share: toBase64(offCurve()) }],
  ["a share of 64 bytes", { type: "pair", version: 1, share: toBase64(new Uint8Array(64)) }],
  ["no share", { type: "pair", version: 1, share: "" }],
  ["a hello", { type: "hello", version: 1 }],
  ["a confirmation first", { type: "confirm", confirmation: toBase64(new Uint8Array(32)) }],
  ["the sender's part", { type: "key", confirmation: SHARE.slice(44), sealed: SHARE.slice(44) }],
  ["an invitation", { type: "invite", version: 1 }],
  ["no message", new Uint8Array(64).fill(0x41)],
  ["a message without end", Uint8Array.of(0, 0, 16, 0, 0x7b)],
];
for (const [what, said] of NONSENSE) {
  Deno.test(`${what} instead of a share costs no try and gets no key`, async () => {
    await using sender = new Sender();
    const pairing = await sender.open();
    using connection = await Deno.connect(sender.address);
    await connection.write(said instanceof Uint8Array ? said : encodeControl(said));
    if (what.endsWith("without end")) connection.closeWrite();
    const message = await readControl(connection).catch(() => undefined);
    assert(message === undefined || message.type === "bye", Deno.inspect(message));
    await until(() => sender.refused.length === 1, "the report");
    assertEquals([pairing.tries, sender.admitted], [3, 0]);
    assertEquals((await pairWith(sender.address, pairing.code, NEVER)).text, KEY.text);
  });
}

Deno.test("who says nothing at any step is given up after 5 s, and costs no try", async () => {
  using time = new Time();
  await using sender = new Sender();
  const pairing = await sender.open();
  const waiting = () => time.dueMs.filter((ms) => ms <= 5000);
  using mute = await Client.connect(sender.address);
  await until(() => waiting().length === 1, "the connection to be taken");
  const { client } = await almost(sender, pairing.code);
  await time.pass(4999);
  assertEquals(waiting(), [1, 1]);
  await time.pass(1);
  assertEquals(await Promise.all([mute.isClosed(), client.isClosed()]), [true, true]);
  assertEquals([pairing.tries, sender.states], [3, []]);
  assertEquals(sender.refused.length >= 1, true);
  client[Symbol.dispose]();
});

Deno.test("a sender that falls silent is given up after 5 s", async () => {
  using time = new Time();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const pairing = assertRejects(
    () => pairWith({ hostname: "127.0.0.1", port }, "123456", NEVER),
    CamcatError,
  );
  using accepted = await listener.accept();
  await readControl(accepted);
  await time.pass(4999);
  assertEquals(time.dueMs, [1]);
  await time.pass(1);
  assertMatch((await pairing).message, /it did not answer within 5 s$/);
});

Deno.test("exchanges that flood in do not keep a receiver out", async () => {
  await using sender = new Sender();
  const { code } = await sender.open();
  const flood = await Promise.all(Array.from({ length: 16 }, async () => {
    const client = await Client.connect(sender.address);
    await client.say({ type: "pair", version: 1, share: SHARE });
    return client;
  }));
  assertEquals((await pairWith(sender.address, code, NEVER)).text, KEY.text);
  for (const client of flood) {
    await client.hears();
    await client.say({ type: "confirm", confirmation: toBase64(new Uint8Array(32)) });
    assertEquals((await client.hears())?.type, "bye");
    client[Symbol.dispose]();
  }
  assertEquals(sender.states, ["paired"]);
});

/** Changes one bit of a field of messages of that type. */
function changed(type: Control["type"], field: string) {
  return (message: Control): Control | undefined => {
    if (message.type !== type) return undefined;
    const bytes = Uint8Array.fromBase64((message as unknown as Record<string, string>)[field]);
    bytes[bytes.length - 1] ^= 1;
    return { ...message, [field]: toBase64(bytes) } as Control;
  };
}

function offCurve(): Uint8Array {
  const bytes = Uint8Array.fromBase64(SHARE);
  bytes[64] ^= 1;
  return bytes;
}

/** Somebody between a receiver and a sender, who passes on what `change` gives. */
class Relay {
  readonly address: Address;
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #work: Promise<unknown>;

  constructor(to: Address, change: (message: Control) => Control) {
    this.address = { hostname: "127.0.0.1", port: this.#listener.addr.port };
    this.#work = this.#run(to, change);
  }

  async close(): Promise<void> {
    this.#listener.close();
    await this.#work;
  }

  async #run(to: Address, change: (message: Control) => Control): Promise<void> {
    const near = await this.#listener.accept();
    const far = await Deno.connect(to);
    const pass = async (from: Connection, into: Connection) => {
      try {
        for (let message; (message = await readControl(from)) !== undefined;) {
          await into.write(encodeControl(change(message)));
        }
      } catch {
        // one end has closed
      }
      closeQuietly(into);
      closeQuietly(from);
    };
    await Promise.all([pass(near, far), pass(far, near)]);
  }
}
