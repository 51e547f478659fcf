// Both ends of the library with keys and without, and what each is told.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Address } from "../../lib/protocol/address.ts";
import { encodeControl } from "../../lib/protocol/codec.ts";
import { dial, type DialOptions } from "../../lib/security/dial.ts";
import { closeQuietly, isEncrypted } from "../../lib/protocol/connection.ts";
import { CamcatError, KeyError, type KeyProblem } from "../../lib/base/errors.ts";
import {
  type Handshake,
  handshakeAsSender,
  handshakeAsViewer,
} from "../../lib/security/handshake.ts";
import { Hub } from "../../lib/send/hub.ts";
import { identityOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { receive, type ReceiveEvent } from "../../lib/receive/receive.ts";
import { send, type Sending } from "../../lib/send/send.ts";
import { push } from "../../lib/send/push.ts";
import { jpeg } from "../support/jpegs.ts";
import { until } from "../support/patience.ts";
import { Time } from "../support/time.ts";

const KEY = Key.random();
const OTHER_KEY = Key.random();
const HERE: Address = { hostname: "127.0.0.1", port: 0 };

/** A picture now and then, for ever. */
async function* camera(): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield jpeg();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function startSender(key?: Key): Promise<Sending> {
  return await send(camera(), { listen: HERE, key });
}

/** The first picture, and whether it came encrypted. */
async function watch(
  address: Address,
  key?: Key,
  orOpen = false,
): Promise<{ encrypted: boolean | undefined; bytes: number }> {
  let encrypted: boolean | undefined;
  const onEvent = (event: ReceiveEvent) => {
    if (event.type === "connected") encrypted = event.encrypted;
  };
  for await (const { frame } of receive(address, { key, orOpen, once: true, onEvent })) {
    return { encrypted, bytes: frame.jpeg.length };
  }
  throw new Error("no picture");
}

const BYTES = jpeg().length;

Deno.test("receive() watches encrypted with the sender's key, and in the clear an open sender", async () => {
  const cases: [Key | undefined, Key | undefined, boolean, boolean][] = [
    // sender, viewer, would take an open one, encrypted
    [KEY, KEY, false, true],
    [KEY, KEY, true, true],
    [undefined, undefined, false, false],
    [undefined, KEY, true, false],
  ];
  for (const [senders, viewers, orOpen, encrypted] of cases) {
    await using sender = await startSender(senders);
    assertEquals(await watch(sender.address, viewers, orOpen), { encrypted, bytes: BYTES });
  }
});

Deno.test("receive() reports keys that do not match, and shows nothing", async () => {
  const cases: [Key | undefined, Key | undefined, boolean, KeyProblem, RegExp][] = [
    [KEY, undefined, false, "needed", /without the sender's key/],
    [KEY, OTHER_KEY, false, "wrong", /^Cannot connect to 127.0.0.1:\d+: it has another key$/],
    [KEY, OTHER_KEY, true, "wrong", /^Cannot connect to 127.0.0.1:\d+: it has another key$/],
    [undefined, KEY, false, "not needed", /: it uses no key, and nothing is encrypted there$/],
  ];
  for (const [senders, viewers, orOpen, problem, words] of cases) {
    await using sender = await startSender(senders);
    const error = await assertRejects(() => watch(sender.address, viewers, orOpen), KeyError);
    assertEquals(error.problem, problem);
    assertMatch(error.message, words);
    assertEquals(sender.hub.totals.sentBytes, 0);
  }
});

Deno.test("receive() does not retry if the keys do not match", async () => {
  await using sender = await startSender(KEY);
  for (const key of [undefined, OTHER_KEY]) {
    let lost = 0;
    const frames = receive(sender.address, {
      key,
      onEvent: ({ type }) => void (type === "lost" && lost++),
    });
    await assertRejects(() => frames.next(), KeyError);
    assertEquals(lost, 0);
  }
});

Deno.test("receive() keeps its key whatever an impostor of the sender says", async () => {
  const first = await startSender(KEY);
  const { address } = first;
  const lost: string[] = [];
  const stop = new AbortController();
  const frames = receive(address, {
    key: KEY,
    signal: stop.signal,
    onEvent: (event) => void (event.type === "lost" && lost.push(event.reason)),
  });
  await frames.next();
  await first[Symbol.asyncDispose]();
  const next = frames.next();
  // An open sender, and one with another key, in its place: no picture of either.
  for (const [key, words] of [[undefined, /it uses no key/], [OTHER_KEY, /another key/]] as const) {
    await using impostor = await send(camera(), { listen: address, key });
    lost.length = 0;
    await until(() => lost.some((reason) => words.test(reason)), `${words}`);
    assertEquals(impostor.hub.totals.sentBytes, 0);
  }
  // And the right one again, when it is back.
  await using _back = await send(camera(), { listen: address, key: KEY });
  assertEquals((await next).value?.frame.jpeg.length, BYTES);
  stop.abort();
  await frames.return();
});

Deno.test("send() disconnects its viewers when its signal is aborted", async () => {
  for (const isEarly of [true, false]) {
    const stop = new AbortController();
    if (isEarly) stop.abort();
    await using sender = await send(camera(), { listen: HERE, signal: stop.signal });
    if (!isEarly) {
      const frames = receive(sender.address, { once: true });
      await frames.next();
      stop.abort();
      await assertRejects(() => frames.next(), CamcatError, "the sender was stopped");
      await until(() => sender.hub.viewers === 0, "the end of the viewer");
    }
    await sender.done;
    await assertRejects(() => watch(sender.address), CamcatError, "nothing listens there");
  }
});

Deno.test("push() sends nothing to a receiver without the key", async () => {
  const pushed = async (receivers: Key | undefined, senders: Key | undefined) => {
    using listener = Deno.listen(HERE);
    const { port } = listener.addr;
    const hub = new Hub();
    const stop = new AbortController();
    const ended = push(hub, { ...HERE, port }, {
      signal: stop.signal,
      handshake: senders && handshakeAsSender(await identityOf(senders)),
    });
    const accepted = await listener.accept();
    const shaking = receivers && handshakeAsViewer(await identityOf(receivers));
    if (shaking) shaking(accepted, stop.signal).then(closeQuietly, () => {});
    else await accepted.write(encodeControl({ type: "hello", version: 1 }));
    const error = await ended.then(() => undefined, (error) => error);
    stop.abort();
    closeQuietly(accepted);
    assertEquals(hub.totals.sentBytes, 0);
    assert(error instanceof KeyError, Deno.inspect(error));
    return error.problem;
  };
  assertEquals(await pushed(OTHER_KEY, KEY), "wrong");
  assertEquals(await pushed(undefined, KEY), "not needed");
});

/** Answers whoever connects with `answer`, and closes. */
function answering(answer: string): Deno.TcpListener {
  const listener = Deno.listen(HERE);
  (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(1000));
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  })().catch(() => {}); // closed
  return listener;
}

Deno.test("dial() with a key reports what else may be there", async () => {
  const handshake = handshakeAsViewer(await identityOf(KEY));
  const cases: [string, RegExp][] = [
    ["HTTP/1.1 400 Bad Request\r\n\r\n", /: the program there is not camcat$/],
    ["SSH-2.0-OpenSSH_9.2\r\n", /: the program there is not camcat$/],
    ["", /: the peer closed the connection immediately$/],
  ];
  for (const [answer, words] of cases) {
    using listener = answering(answer);
    const address = { ...HERE, port: listener.addr.port };
    const error = await assertRejects(() => dial(address, { handshake }), CamcatError);
    assertMatch(error.message, words);
    assertMatch(error.message, new RegExp(`^Cannot connect to 127.0.0.1:${address.port}: `));
  }
  await assertRejects(
    () => dial({ ...HERE, port: 1 }, { handshake }),
    CamcatError,
    "nothing listens there",
  );
});

Deno.test("dial() gives up after 10 s if nothing answers, or when its signal is aborted", async () => {
  const handshakes = [handshakeAsViewer, handshakeAsSender];
  for (const make of handshakes) {
    const shake = make(await identityOf(KEY));
    for (const how of ["time", "signal"] as const) {
      using time = new Time();
      using listener = Deno.listen(HERE);
      const address = { ...HERE, port: listener.addr.port };
      const stop = new AbortController();
      const begun = Promise.withResolvers<void>();
      const handshake: Handshake = (...args) => (begun.resolve(), shake(...args));
      const options: DialOptions = { handshake, signal: stop.signal };
      const failing = assertRejects(() => dial(address, options), CamcatError);
      const accepted = await listener.accept();
      await begun.promise;
      if (make === handshakeAsViewer) await accepted.read(new Uint8Array(100));
      await time.pass(9999);
      if (how === "signal") stop.abort();
      else await time.pass(1);
      const { message } = await failing;
      assertMatch(message, how === "signal" ? /: stopped$/ : /does not answer/);
      assertEquals(await accepted.read(new Uint8Array(1)).catch(() => null), null);
      accepted.close();
      await time.settle();
      assertEquals(time.timers, 0);
    }
  }
});

Deno.test("isEncrypted() is true only with a key", async () => {
  for (const key of [KEY, undefined]) {
    await using sender = await startSender(key);
    const handshake = key && handshakeAsViewer(await identityOf(key));
    const connection = await dial(sender.address, { handshake });
    assertEquals(isEncrypted(connection), key !== undefined);
    connection.close();
  }
});
