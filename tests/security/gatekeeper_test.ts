// The gatekeeper with fake handshakes; and with the real ones, on real sockets, against peers
// that say nothing. Time passes when a test says so.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { encodeControl } from "../../lib/protocol/codec.ts";
import type { Connection } from "../../lib/protocol/connection.ts";
import { Gatekeeper } from "../../lib/security/gatekeeper.ts";
import { onAbort } from "../../lib/base/abort.ts";
import {
  type BeginTls,
  type Handshake,
  handshakeAsSender,
  handshakeAsViewer,
} from "../../lib/security/handshake.ts";
import { identityOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { until } from "../support/patience.ts";
import { Time, timeTest } from "../support/time.ts";

/** A peer, and a fake handshake with it. */
class Stranger {
  isClosed = false;
  /** Whether its TLS can be closed; undefined until it may begin. */
  closable: boolean | undefined;
  /** What the gatekeeper decided, once it has. */
  verdict: "admitted" | "refused" | undefined;
  #handshake = Promise.withResolvers<Connection>();
  #begin: BeginTls | undefined;
  #clings: boolean;

  /** @param clings its connection cannot be closed, such as one during TLS */
  constructor(gatekeeper: Gatekeeper, address: string, clings = false) {
    this.#clings = clings;
    const connection = { remoteAddr: { hostname: address }, stranger: this };
    gatekeeper.admit(connection as unknown as Deno.TcpConn).then((admitted) => {
      this.verdict = admitted === undefined ? "refused" : "admitted";
    });
  }

  /** Asks for TLS, and waits until it may begin. */
  async ask(): Promise<void> {
    this.closable = (await this.#begin!()).closable;
  }

  succeed(): void {
    this.#handshake.resolve(this.#connection());
  }

  fail(reason = "no key"): void {
    this.isClosed = true;
    this.#handshake.reject(new Error(reason));
  }

  /** The handshake for the {@linkcode Gatekeeper}. */
  static handshake: Handshake = (connection, signal, begin) => {
    const { stranger } = connection as unknown as { stranger: Stranger };
    stranger.#begin = begin;
    onAbort(signal, () => !stranger.#clings && stranger.fail("given up"));
    return stranger.#handshake.promise;
  };

  #connection(): Connection {
    return { close: () => this.isClosed = true } as Partial<Connection> as Connection;
  }
}

/** A gatekeeper, and its reports of refused peers. */
function makeGatekeeper(): { gatekeeper: Gatekeeper; refused: [string, string, number][] } {
  const refused: [string, string, number][] = [];
  const gatekeeper = new Gatekeeper(Stranger.handshake, (...what) => refused.push(what));
  return { gatekeeper, refused };
}

timeTest("Gatekeeper.admit() admits only a peer that proves the key", async (time) => {
  const { gatekeeper, refused } = makeGatekeeper();
  const [good, bad] = ["10.0.0.1", "10.0.0.2"].map((at) => new Stranger(gatekeeper, at));
  await time.settle();
  assertEquals([good.verdict, bad.verdict], [undefined, undefined]);
  good.succeed();
  bad.fail("it has another key");
  await time.settle();
  assertEquals([good.verdict, good.isClosed], ["admitted", false]);
  assertEquals([bad.verdict, bad.isClosed], ["refused", true]);
  assertEquals(refused, [["10.0.0.2", "it has another key", 1]]);
});

timeTest("Gatekeeper.admit() gives every peer 5 s", async (time) => {
  const { gatekeeper, refused } = makeGatekeeper();
  const silent = new Stranger(gatekeeper, "10.0.0.1");
  const clinging = new Stranger(gatekeeper, "10.0.0.2", true);
  await time.pass(4999);
  assertEquals([silent.verdict, clinging.verdict], [undefined, undefined]);
  await time.pass(1);
  assertEquals([silent.verdict, clinging.verdict], ["refused", "refused"]);
  assertEquals([silent.isClosed, clinging.isClosed], [true, false]);
  assertEquals(refused.map(([address]) => address), ["10.0.0.1", "10.0.0.2"]);
  clinging.succeed(); // late
  await time.settle();
  assertEquals([clinging.verdict, clinging.isClosed], ["refused", true]);
});

timeTest("Gatekeeper reports the 1st, 10th and 100th failure of an address", async (time) => {
  const { gatekeeper, refused } = makeGatekeeper();
  for (let count = 0; count < 150; count++) new Stranger(gatekeeper, "10.0.0.1").fail();
  await time.settle();
  assertEquals(refused.map(([, , failures]) => failures), [1, 10, 100]);
});

timeTest(
  "Gatekeeper admits a peer that proves the key, whatever its address has failed",
  async (time) => {
    const { gatekeeper } = makeGatekeeper();
    for (let count = 0; count < 1000; count++) new Stranger(gatekeeper, "10.0.0.1").fail();
    // As many say nothing as may, from the same address.
    const silent = Array.from({ length: 1024 }, () => new Stranger(gatekeeper, "10.0.0.1"));
    const viewer = new Stranger(gatekeeper, "10.0.0.1");
    const asked = viewer.ask();
    for (let count = 0; count < 300; count++) silent.push(new Stranger(gatekeeper, "10.0.0.1"));
    await time.pass(10);
    await asked;
    viewer.succeed();
    await time.settle();
    assertEquals(viewer.verdict, "admitted");
    assertEquals(silent.filter(({ verdict }) => verdict === "refused").length, 301);
    await time.pass(5000);
  },
);

timeTest(
  "Gatekeeper gives up the oldest peer of the address with most of them",
  async (time) => {
    const { gatekeeper } = makeGatekeeper();
    const first = new Stranger(gatekeeper, "10.0.0.1");
    const crowd = Array.from(
      { length: 1023 },
      (_, n) => new Stranger(gatekeeper, `2001:db8::${(n + 1).toString(16)}`),
    );
    await time.settle();
    assertEquals([first, ...crowd].filter(({ verdict }) => verdict !== undefined), []);
    const late = Array.from({ length: 40 }, (_, n) => new Stranger(gatekeeper, `10.0.1.${n}`));
    await time.settle();
    assertEquals(crowd.map(({ verdict }) => verdict === "refused"), crowd.map((_, n) => n < 40));
    assertEquals(crowd.map(({ isClosed }) => isClosed), crowd.map((_, n) => n < 40));
    const left = [first, ...crowd.slice(40), ...late];
    for (const stranger of left) stranger.succeed();
    await time.settle();
    assertEquals(left.filter(({ verdict }) => verdict !== "admitted"), []);
    assertEquals(gatekeeper.giveUpOne(), false, "nobody is left");
  },
);

timeTest("Gatekeeper keeps 64 peers in TLS at most, the newest", async (time) => {
  const { gatekeeper } = makeGatekeeper();
  const peers = Array.from({ length: 100 }, () => new Stranger(gatekeeper, "10.0.0.1"));
  for (const peer of peers) {
    peer.ask();
    await time.pass(10);
  }
  assertEquals(peers.map(({ verdict }) => verdict === "refused"), peers.map((_, n) => n < 36));
  await time.pass(5000);
});

timeTest("Gatekeeper wants TLS closable beyond 16 that cannot be closed", async (time) => {
  const { gatekeeper } = makeGatekeeper();
  const begin = async (count: number) => {
    const peers = Array.from({ length: count }, () => new Stranger(gatekeeper, "10.0.0.1", true));
    for (const peer of peers) peer.ask();
    await time.pass(1000);
    return peers;
  };
  const peers = await begin(30);
  assertEquals(peers.map(({ closable }) => closable), peers.map((_, n) => n >= 16));
  await time.pass(5000); // all are given up, and none goes away
  assertEquals((await begin(1))[0].closable, true);
  peers[3].fail();
  await time.pass(5000);
  assertEquals((await begin(1))[0].closable, false);
  await time.pass(5000);
});

const IDENTITY = await identityOf(Key.random());
const SECURE = encodeControl({ type: "secure", version: 1 });
const isLinux = Deno.build.os === "linux";

function descriptors(): number {
  return isLinux ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
}

/** Lets real things happen until `condition` holds, while time stands still. */
for (
  const [who, handshake] of [["sender", handshakeAsSender], [
    "receiver",
    handshakeAsViewer,
  ]] as const
) {
  Deno.test(`the gatekeeper of a ${who} closes silent peers after 5 s, and frees their descriptors`, async () => {
    using time = new Time();
    const before = descriptors();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const refused: string[] = [];
    const gatekeeper = new Gatekeeper(handshake(IDENTITY), (_, reason) => refused.push(reason));
    const peers: Deno.TcpConn[] = [];
    const admitting: Promise<unknown>[] = [];
    for (let count = 0; count < 50; count++) {
      peers.push(await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }));
      admitting.push(gatekeeper.admit(await listener.accept()));
      if (count % 2 === 1) await peers[count].write(SECURE.subarray(0, 6)); // half a message
    }
    let out = 0;
    admitting.forEach((admitted) => admitted.then(() => out++));
    await time.pass(4999);
    assertEquals(out, 0);
    if (isLinux) assertEquals(descriptors(), before + 101);
    await time.pass(1);
    assertEquals(await Promise.all(admitting), Array(50).fill(undefined));
    assertEquals(refused[0], "it did not prove in time that it has the key");
    if (isLinux) await until(() => descriptors() === before + 51, "the descriptors of the peers");
    for (const peer of peers) {
      const rest = new Uint8Array(100);
      while ((await peer.read(rest).catch(() => null)) !== null); // to its end
      peer.close();
    }
  });
}

Deno.test("the gatekeeper of a sender closes peers that stop during TLS after 5 s", async () => {
  using time = new Time();
  const before = descriptors();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const gatekeeper = new Gatekeeper(handshakeAsSender(IDENTITY));
  const peers: Deno.TcpConn[] = [];
  const admitting: Promise<unknown>[] = [];
  for (let count = 0; count < 50; count++) {
    const peer = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    peers.push(peer);
    await peer.write(SECURE);
    admitting.push(gatekeeper.admit(await listener.accept()));
  }
  let inTls = 0;
  for (const peer of peers) peer.read(new Uint8Array(1)).then(() => inTls++);
  // 32 begin at once, then one every 10 ms.
  await until(() => inTls === 32, "32 TLS handshakes");
  await time.pass(180);
  await until(() => inTls === 50, "50 TLS handshakes");
  await time.pass(5000);
  assertEquals(await Promise.all(admitting), Array(50).fill(undefined));
  // Their own ends, the listener, and the 16 that Deno cannot close.
  if (isLinux) {
    await until(() => descriptors() <= before + 50 + 1 + 16, "the descriptors of most peers");
  }
  for (const peer of peers) peer.close();
  if (isLinux) await until(() => descriptors() === before + 1, "the descriptors of all");
});
