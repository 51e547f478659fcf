// The door itself with handshakes that do as they are told; and with the real one,
// on real sockets, against peers that say nothing. Time passes when a test says so.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { encodeControl } from "../../lib/protocol/codec.ts";
import type { Connection } from "../../lib/protocol/connection.ts";
import { Gatekeeper } from "../../lib/security/gatekeeper.ts";
import {
  type Handshake,
  handshakeAsSender,
  handshakeAsViewer,
} from "../../lib/security/handshake.ts";
import { identityOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { Time, timeTest } from "../support/time.ts";

/** A peer, and the handshake with it. */
class Knocker {
  isClosed = false;
  /** The handshake has begun. */
  isHeard = false;
  /** What the door made of it, once it has. */
  verdict: "in" | "out" | undefined;
  #shaken = Promise.withResolvers<Connection>();
  #clings: boolean;

  /** @param clings its connection cannot be closed, as one in the middle of TLS cannot */
  constructor(door: Gatekeeper, address: string, clings = false) {
    this.#clings = clings;
    const connection = { remoteAddr: { hostname: address }, knocker: this };
    door.admit(connection as unknown as Deno.TcpConn).then((admitted) => {
      this.verdict = admitted === undefined ? "out" : "in";
    });
  }

  succeed(): void {
    this.#shaken.resolve(this.#connection());
  }

  fail(reason = "no key"): void {
    this.isClosed = true;
    this.#shaken.reject(new Error(reason));
  }

  /** What a {@linkcode Gatekeeper} does to shake hands with a knocker. */
  static handshake: Handshake = (connection, signal) => {
    const { knocker } = connection as unknown as { knocker: Knocker };
    knocker.isHeard = true;
    const giveUp = () => !knocker.#clings && knocker.fail("given up");
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
    return knocker.#shaken.promise;
  };

  #connection(): Connection {
    return { close: () => this.isClosed = true } as Partial<Connection> as Connection;
  }
}

/** A door, and what it tells of those it refuses. */
function makeDoor(): { door: Gatekeeper; refused: [string, string, number][] } {
  const refused: [string, string, number][] = [];
  const door = new Gatekeeper(Knocker.handshake, (...what) => refused.push(what));
  return { door, refused };
}

async function failOnce(time: Time, door: Gatekeeper, address: string): Promise<void> {
  const knocker = new Knocker(door, address);
  await time.pass(4000);
  knocker.fail();
  await time.settle();
  assertEquals(knocker.verdict, "out");
}

timeTest("Gatekeeper.admit() lets in who proves it, and nobody else", async (time) => {
  const { door, refused } = makeDoor();
  const [good, bad] = ["10.0.0.1", "10.0.0.2"].map((address) => new Knocker(door, address));
  await time.settle();
  assertEquals([good.verdict, bad.verdict], [undefined, undefined]);
  good.succeed();
  bad.fail("it has another key");
  await time.settle();
  assertEquals([good.verdict, good.isClosed], ["in", false]);
  assertEquals([bad.verdict, bad.isClosed], ["out", true]);
  assertEquals(refused, [["10.0.0.2", "it has another key", 1]]);
});

timeTest("Gatekeeper.admit() gives everybody 5 s", async (time) => {
  const { door, refused } = makeDoor();
  const [silent, clinging] = [new Knocker(door, "10.0.0.1"), new Knocker(door, "10.0.0.2", true)];
  await time.pass(4999);
  assertEquals([silent.verdict, clinging.verdict], [undefined, undefined]);
  await time.pass(1);
  assertEquals([silent.verdict, clinging.verdict], ["out", "out"]);
  assertEquals([silent.isClosed, clinging.isClosed], [true, false]);
  assertEquals(refused.map(([address]) => address), ["10.0.0.1", "10.0.0.2"]);
  clinging.succeed(); // late
  await time.settle();
  assertEquals([clinging.verdict, clinging.isClosed], ["out", true]);
});

timeTest("Gatekeeper.admit() makes those wait who fail again and again", async (time) => {
  const { door } = makeDoor();
  for (let count = 0; count < 5; count++) await failOnce(time, door, "10.0.0.1");
  const [again, other] = ["10.0.0.1", "10.0.0.2"].map((address) => new Knocker(door, address));
  await time.pass(499);
  assertEquals([again.isHeard, other.isHeard], [false, true]);
  await time.pass(1);
  assert(again.isHeard);
  // The wait is not taken off the time for the proof.
  await time.pass(4999);
  assertEquals(again.verdict, undefined);
  again.succeed();
  await time.settle();
  assertEquals(again.verdict, "in");
  // And who has succeeded starts from nothing.
  const third = new Knocker(door, "10.0.0.1");
  await time.settle();
  assert(third.isHeard);
  [third, other].forEach((knocker) => knocker.succeed());
  await time.settle();
});

timeTest("Gatekeeper tells of the 1st, 10th and 100th failure of an address", async (time) => {
  const { door, refused } = makeDoor();
  for (let count = 0; count < 150; count++) await failOnce(time, door, "10.0.0.1");
  assertEquals(refused.map(([, , failures]) => failures), [1, 10, 100]);
});

timeTest(
  "Gatekeeper.admit() gives up the oldest of the address that has most waiting",
  async (time) => {
    const { door } = makeDoor();
    const first = new Knocker(door, "10.0.0.1");
    const crowd = Array.from({ length: 63 }, (_, n) => new Knocker(door, `2001:db8::${n + 1}`));
    await time.settle();
    assertEquals([first, ...crowd].filter(({ verdict }) => verdict !== undefined), []);
    const more = Array.from({ length: 40 }, (_, n) => new Knocker(door, `2001:db8::${n + 100}`));
    await time.settle();
    const late = new Knocker(door, "10.0.0.2");
    await time.settle();
    assertEquals(crowd.map(({ verdict }) => verdict === "out"), crowd.map((_, n) => n <= 40));
    assertEquals(crowd.map(({ isClosed }) => isClosed), crowd.map((_, n) => n <= 40));
    const left = [first, late, ...crowd.slice(41), ...more];
    for (const knocker of left) knocker.succeed();
    await time.settle();
    // Those of the crowd failed before, and may still have to wait to be heard.
    await time.pass(4000);
    assertEquals(left.filter(({ verdict }) => verdict !== "in"), []);
  },
);

timeTest("Gatekeeper.room() waits while a thousand cling to it", async (time) => {
  const { door } = makeDoor();
  const clinging: Knocker[] = [];
  const { signal } = new AbortController();
  const hasRoom = async () => {
    let has = false;
    door.room(signal).then(() => has = true);
    await time.settle();
    return has;
  };
  for (let count = 0; count < 1024; count++) {
    assert(await hasRoom(), `after ${count}`);
    clinging.push(new Knocker(door, `10.0.${count >> 8}.${count & 255}`, true));
  }
  await time.settle();
  let entered = 0;
  const stop = new AbortController();
  const stopped = door.room(stop.signal);
  await time.pass(60_000); // all are given up, and none goes away
  stop.abort();
  await stopped;
  const waiting = door.room(signal).then(() => entered++);
  await time.pass(60_000);
  assertEquals(entered, 0);
  clinging[500].fail();
  await time.settle();
  assertEquals(entered, 1);
  await waiting;
  for (const knocker of clinging) knocker.fail();
  await time.settle();
  assert(await hasRoom());
});

const IDENTITY = await identityOf(Key.random());
const SECURE = encodeControl({ type: "secure", version: 1 });
const isLinux = Deno.build.os === "linux";

function descriptors(): number {
  return isLinux ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
}

/** Lets real things happen until `condition` holds, while time stands still. */
async function until(time: Time, condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    assert(turns < 1_000_000, `${condition}`);
    await time.settle();
  }
}

for (
  const [who, handshake] of [["sender", handshakeAsSender], [
    "receiver",
    handshakeAsViewer,
  ]] as const
) {
  Deno.test(`the door of a ${who} closes silent peers after 5 s, and frees what they took`, async () => {
    using time = new Time();
    const before = descriptors();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const refused: string[] = [];
    const door = new Gatekeeper(handshake(IDENTITY), (_, reason) => refused.push(reason));
    const peers: Deno.TcpConn[] = [];
    const admitting: Promise<unknown>[] = [];
    for (let count = 0; count < 50; count++) {
      peers.push(await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }));
      admitting.push(door.admit(await listener.accept()));
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
    if (isLinux) await until(time, () => descriptors() === before + 51);
    for (const peer of peers) {
      const rest = new Uint8Array(100);
      while ((await peer.read(rest).catch(() => null)) !== null); // to its end
      peer.close();
    }
  });
}

Deno.test("the door of a sender is rid of peers stuck in TLS as soon as they go", async () => {
  using time = new Time();
  const before = descriptors();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const door = new Gatekeeper(handshakeAsSender(IDENTITY));
  const peers: Deno.TcpConn[] = [];
  const admitting: Promise<unknown>[] = [];
  for (let count = 0; count < 50; count++) {
    const peer = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    peers.push(peer);
    await peer.write(SECURE);
    admitting.push(door.admit(await listener.accept()));
  }
  for (const peer of peers) await peer.read(new Uint8Array(1)); // TLS has begun
  await time.pass(5000);
  assertEquals(await Promise.all(admitting), Array(50).fill(undefined));
  for (const peer of peers) peer.close();
  if (isLinux) await until(time, () => descriptors() === before + 1);
});
