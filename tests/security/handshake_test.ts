// Real sockets and real TLS. The attacks a key is there to defeat, and every peer
// that is something else.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encodeControl } from "../../lib/protocol/codec.ts";
import { closeQuietly, type Connection } from "../../lib/protocol/connection.ts";
import { MAX_CONTROL_BYTES, PROTOCOL_VERSION } from "../../lib/protocol/control.ts";
import { CamcatError, KeyError } from "../../lib/base/errors.ts";
import { handshakeAsSender, handshakeAsViewer } from "../../lib/security/handshake.ts";
import { type Identity, identityOf, PROOF_BYTES } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { LoopbackTls } from "../../lib/security/loopback_tls.ts";
import { join } from "../support/jpegs.ts";
import { until } from "../support/patience.ts";
import { Random } from "../support/random.ts";

const IDENTITY = await identityOf(Key.random());
const OTHER = await identityOf(Key.random());
const NEVER = new AbortController().signal;
const SECURE = encodeControl({ type: "secure", version: PROTOCOL_VERSION });

/** Both ends of a connection of this machine to itself. */
async function pair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return await Promise.all([Deno.connect({ hostname: "127.0.0.1", port }), listener.accept()]);
}

/** What became of a handshake: the error, or "done" with its connection closed. */
async function outcome(handshake: Promise<Connection>): Promise<unknown> {
  try {
    closeQuietly(await handshake);
    return "done";
  } catch (error) {
    return error;
  }
}

async function write(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

/** `count` bytes, or those there are up to the end. */
async function read(connection: Connection, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  let got = 0;
  while (got < count) {
    const more = await connection.read(bytes.subarray(got)).catch(() => null);
    if (more === null) break;
    got += more;
  }
  return bytes.subarray(0, got);
}

/** All that still comes, however it ends. */
async function readAll(connection: Connection): Promise<Uint8Array> {
  return await read(connection, 1 << 16);
}

const isLinux = Deno.build.os === "linux";

/** A test that leaves no descriptor behind. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test(name, async () => {
    const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;
    const before = isLinux ? descriptors() : 0;
    await fn();
    if (isLinux) await until(() => descriptors() <= before, "all descriptors to be closed");
  });
}

test("a sender and a viewer with the same key understand each other, both ways", async () => {
  const [a, b] = await pair();
  const [sender, viewer] = await Promise.all([
    handshakeAsSender(IDENTITY)(a, NEVER),
    handshakeAsViewer(IDENTITY)(b, NEVER),
  ]);
  const [there, back] = [1_000_000, 3000].map((count) => new Random(count).bytes(count));
  const [, , heard, answered] = await Promise.all([
    write(sender, there),
    write(viewer, back),
    read(viewer, there.length),
    read(sender, back.length),
  ]);
  assertEquals(heard.toHex(), there.toHex());
  assertEquals(answered.toHex(), back.toHex());
  viewer.close();
  assertEquals((await readAll(sender)).length, 0);
  sender.close();
});

test("ends with different keys refuse each other", async () => {
  const [a, b] = await pair();
  const errors = await Promise.all([
    outcome(handshakeAsSender(IDENTITY)(a, NEVER)),
    outcome(handshakeAsViewer(OTHER)(b, NEVER)),
  ]);
  for (const error of errors) {
    assert(error instanceof KeyError, Deno.inspect(error));
    assertEquals([error.problem, error.message], ["wrong", "it has another key"]);
  }
});

test("both ends refuse an attacker in the middle with their own certificate", async () => {
  const [viewerEnd, hisViewerEnd] = await pair();
  const [senderEnd, hisSenderEnd] = await pair();
  // He minds no certificate himself: he trusts whatever the viewer shows.
  const disguised: Identity = { ...OTHER, certificate: IDENTITY.certificate };
  const [sender, viewer, heBySender, heByViewer] = await Promise.all([
    outcome(handshakeAsSender(IDENTITY)(senderEnd, NEVER)),
    outcome(handshakeAsViewer(IDENTITY)(viewerEnd, NEVER)),
    outcome(handshakeAsViewer(OTHER)(hisSenderEnd, NEVER)),
    outcome(handshakeAsSender(disguised)(hisViewerEnd, NEVER)),
  ]);
  assert(sender instanceof KeyError && sender.problem === "wrong", Deno.inspect(sender));
  assert(viewer instanceof KeyError && viewer.problem === "wrong", Deno.inspect(viewer));
  assert(heBySender instanceof CamcatError, Deno.inspect(heBySender));
  assertEquals(heByViewer, "done"); // he may well believe that the viewer takes him for the sender
});

test("a fake viewer, whatever its certificate, gets no byte", async () => {
  const stolen: Identity = { ...OTHER, certificate: IDENTITY.certificate };
  for (const identity of [OTHER, stolen]) {
    const [a, b] = await pair();
    const refused = outcome(handshakeAsSender(IDENTITY)(a, NEVER));
    await b.write(SECURE);
    const start = await read(b, 1);
    let told = new Uint8Array();
    try {
      const loopback = await LoopbackTls.open(b, start, identity);
      await loopback.tls.handshake().catch(() => {});
      told = await read(loopback.tls, 1);
      loopback.close();
    } catch {
      b.close(); // a key that does not fit the certificate is no TLS server at all
    }
    assertEquals(told.length, 0);
    assert((await refused) instanceof CamcatError, Deno.inspect(await refused));
  }
});

/** What a fake sender, that takes any certificate, says inside where the proof should be. */
const FALSE_PROOFS: [string, Uint8Array<ArrayBuffer>, RegExp][] = [
  ["random bytes", new Random(1).bytes(PROOF_BYTES), /does not have the key/],
  ["zeros", new Uint8Array(PROOF_BYTES), /does not have the key/],
  ["the proof of another key", OTHER.proof, /does not have the key/],
  ["all but the first bit", flipped(0, 0x80), /does not have the key/],
  ["all but the last bit", flipped(PROOF_BYTES - 1, 1), /does not have the key/],
  ["random bytes and much more", new Random(2).bytes(40_000), /does not have the key/],
  ["all but the last byte", IDENTITY.proof.slice(0, -1), /closed|eof/i],
  ["nothing", new Uint8Array(), /closed|eof/i],
];

function flipped(at: number, bit: number): Uint8Array<ArrayBuffer> {
  const proof = IDENTITY.proof.slice();
  proof[at] ^= bit;
  return proof;
}

for (const [name, proof, words] of FALSE_PROOFS) {
  test(`a viewer refuses a fake sender whose proof is ${name}`, async () => {
    const [a, b] = await pair();
    const viewer = outcome(handshakeAsViewer(IDENTITY)(b, NEVER));
    // Its certificate is public to whoever is on the way, so taking any is taking this one.
    const fake = await handshakeAsSender({ ...IDENTITY, proof })(a, NEVER);
    if (proof.length < PROOF_BYTES) closeQuietly(fake);
    const error = await viewer;
    assert(error instanceof Error, Deno.inspect(error));
    assertMatch(error.message, words);
    if (proof.length >= PROOF_BYTES) {
      assert(error instanceof KeyError && error.problem === "wrong");
      assertEquals((await readAll(fake)).length, 0, "what a viewer says before it is sure");
      closeQuietly(fake);
    }
  });
}

/** What may answer where a viewer expects a sender, and what it is told. */
const NO_SENDERS: [string, string | Uint8Array, string][] = [
  ["a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "the program there is not camcat"],
  ["an SSH server", "SSH-2.0-OpenSSH_9.2\r\n", "the program there is not camcat"],
  ["a TLS server", join(0x15, 3, 3, 0, 2, 2, 10), "the program there is not camcat"],
  [
    "TLS that makes no sense",
    join(0x16, new Random(3).bytes(300)),
    "the program there is not camcat",
  ],
  ["a TLS client that stops", join(0x16, 3, 1, 2, 0, 1, 0), "it closed the connection"],
  [
    "an open sender that sends a frame",
    join(0, 0, 0, 4, 0xff, 0xd8, 0xff, 0xd9),
    "the program there is not camcat",
  ],
  ["a length of 0", join(0, 0, 0, 0), "the program there is not camcat"],
  ["too long a message", join(0, 0, 0x10, 1, 0x7b), "the program there is not camcat"],
  ["no JSON", join(0, 0, 0, 3, 0x7b, 0x2c, 0x7d), "the program there is not camcat"],
  [
    "another message",
    encodeControl({ type: "hello", version: 1 }),
    "the program there is not camcat",
  ],
  ["a farewell", encodeControl({ type: "bye", reason: "too late" }), "it says: too late"],
  [
    "an open sender",
    encodeControl({ type: "bye", reason: "open", key: "not needed" }),
    "it uses no key, and nothing is encrypted there",
  ],
  ["half a message", join(0, 0, 0, 9, 0x7b), "the peer closed the connection immediately"],
  ["nobody", "", "the peer closed the connection immediately"],
];

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

for (const [name, answer, message] of NO_SENDERS) {
  test(`a viewer reports that it has met ${name}`, async () => {
    const [a, b] = await pair();
    const viewer = outcome(handshakeAsViewer(IDENTITY)(b, NEVER));
    assertEquals(await read(a, SECURE.length), SECURE);
    await write(a, bytesOf(answer));
    await a.closeWrite();
    const error = await viewer;
    assert(error instanceof CamcatError, Deno.inspect(error));
    assertEquals(error.message, message);
    if (error instanceof KeyError) assertEquals(error.problem, "not needed");
    a.close();
  });
}

const KEY_NEEDED = encodeControl({
  type: "bye",
  reason: "This sender requires a key",
  key: "needed",
});

/** What may connect to a sender with a key, the error there, and whether it answers. */
const NO_VIEWERS: [string, string | Uint8Array, string, "answered"?][] = [
  [
    "a viewer without a key",
    encodeControl({ type: "hello", version: 1 }),
    "it uses no key",
    "answered",
  ],
  ["a web browser", "GET / HTTP/1.1\r\n", "it uses no key"],
  ["a TLS client", join(0x16, 3, 1, 2, 0, new Uint8Array(512)), "it uses no key"],
  ["a length of 0", join(0, 0, 0, 0), "it uses no key", "answered"],
  ["a length of 4 GB", join(0xff, 0xff, 0xff, 0xff), "it uses no key", "answered"],
  [
    "too long a message",
    join(0, 0, MAX_CONTROL_BYTES >> 8, 1),
    "it uses no key",
    "answered",
  ],
  ["a message of no known type", encodeUnknown(), "it uses no key", "answered"],
  ["half a message", SECURE.subarray(0, 9), "the peer closed the connection immediately"],
  ["nobody", "", "the peer closed the connection immediately"],
  ["a viewer that disconnects instead of TLS", SECURE, "it closed the connection"],
  [
    "no TLS",
    join(SECURE, new TextEncoder().encode("HTTP/1.1 200\r\n")),
    "the program there is not camcat",
  ],
  [
    "TLS that makes no sense",
    join(SECURE, 0x16, 3, 3, 0, 9, new Random(4).bytes(9)),
    "the program there is not camcat",
  ],
  [
    "a TLS record of 64 KB",
    join(SECURE, 0x16, 3, 3, 0xff, 0xff, new Uint8Array(70_000)),
    "the program there is not camcat",
  ],
  ["a TLS alert", join(SECURE, 0x15, 3, 3, 0, 2, 2, 40), "the program there is not camcat"],
];

function encodeUnknown(): Uint8Array {
  return join(0, 0, 0, 14, new TextEncoder().encode('{"type":"new"}'));
}

for (const [name, said, message, answered] of NO_VIEWERS) {
  test(`a sender with a key disconnects ${name}`, async () => {
    const [a, b] = await pair();
    const sender = outcome(handshakeAsSender(IDENTITY)(a, NEVER));
    await write(b, bytesOf(said)).catch(() => {}); // it may have closed before the end of it
    await b.closeWrite().catch(() => {});
    const error = await sender;
    assert(error instanceof CamcatError, Deno.inspect(error));
    assertEquals(error.message, message);
    if (answered) assertEquals(await readAll(b), KEY_NEEDED);
    b.close();
  });
}

/** The TLS suites with forward secrecy: those of TLS 1.3, and with ECDHE those of TLS 1.2. */
const EPHEMERAL = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9];
/** Not a suite: secure renegotiation (RFC 5746 section 3.3). */
const RENEGOTIATION = 0xff;

test("a sender offers no TLS suite without forward secrecy", async () => {
  const [a, b] = await pair();
  const stop = new AbortController();
  const sender = outcome(handshakeAsSender(IDENTITY)(a, stop.signal));
  await b.write(SECURE);
  const [, , , high, low] = await read(b, 5); // the header of the record (RFC 8446 section 5.1)
  const hello = await read(b, high << 8 | low);
  let at = 4 + 2 + 32; // type and length, version, random (RFC 8446 section 4.1.2)
  at += 1 + hello[at]; // session
  const count = (hello[at] << 8 | hello[at + 1]) / 2;
  const suites = Array.from(
    { length: count },
    (_, n) => hello[at + 2 + 2 * n] << 8 | hello[at + 3 + 2 * n],
  );
  assert(suites.includes(0x1301) && suites.length === count);
  assertEquals(suites.filter((it) => ![...EPHEMERAL, RENEGOTIATION].includes(it)), []);
  b.close();
  await sender;
});

test("a peer without a key is told why in the clear, and nothing else", async () => {
  const [a, b] = await pair();
  const sender = outcome(handshakeAsSender(IDENTITY)(a, NEVER));
  await b.write(encodeControl({ type: "hello", version: 1 }));
  const text = new TextDecoder().decode(await readAll(b));
  assertEquals(
    text.slice(4),
    '{"type":"bye","reason":"This sender requires a key","key":"needed"}',
  );
  assert((await sender) instanceof KeyError);
  b.close();
});

test("a handshake that is aborted closes the connection", async () => {
  const stop = new AbortController();
  const ends = await Promise.all([pair(), pair(), pair()]);
  const shaken = [
    handshakeAsSender(IDENTITY)(ends[0][0], stop.signal), // its peer is silent
    handshakeAsSender(IDENTITY)(ends[1][0], stop.signal), // its peer says half of it
    handshakeAsViewer(IDENTITY)(ends[2][0], stop.signal), // its peer is silent
  ].map(outcome);
  await ends[1][1].write(SECURE.subarray(0, 6));
  assertEquals(await read(ends[2][1], SECURE.length), SECURE);
  stop.abort();
  for (const error of await Promise.all(shaken)) assert(error instanceof Error);
  for (const [, far] of ends) {
    assertEquals((await readAll(far)).length, 0);
    far.close();
  }
  // And one that is given up before it has begun.
  for (const handshake of [handshakeAsSender(IDENTITY), handshakeAsViewer(IDENTITY)]) {
    const [a, b] = await pair();
    await assertRejects(() => handshake(a, stop.signal));
    assertEquals((await readAll(b)).length, 0);
    b.close();
  }
});

test("a handshake that is aborted during TLS admits nobody", async () => {
  const stop = new AbortController();
  const [a, b] = await pair();
  const sender = outcome(handshakeAsSender(IDENTITY)(a, stop.signal));
  await b.write(SECURE);
  const start = await read(b, 1);
  stop.abort();
  const loopback = await LoopbackTls.open(b, start, IDENTITY);
  await loopback.tls.handshake();
  assertEquals((await readAll(loopback.tls)).length, 0);
  assert((await sender) instanceof Error);
  loopback.close();

  const [c, d] = await pair();
  const late = new AbortController();
  const viewer = outcome(handshakeAsViewer(IDENTITY)(c, late.signal));
  const fake = await handshakeAsSender({ ...IDENTITY, proof: new Uint8Array() })(d, NEVER);
  late.abort();
  assert((await viewer) instanceof Error);
  assertEquals((await readAll(fake)).length, 0);
  closeQuietly(fake);
});
