// A code of a sender that runs, shown by another program with its key: real sockets and TLS.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CamcatError, KeyError } from "../../lib/base/errors.ts";
import { PairingDesk } from "../../lib/pairing/desk.ts";
import { invite, serveInvitation } from "../../lib/pairing/invitation.ts";
import type { PairingEvent } from "../../lib/pairing/pairing.ts";
import { pairWith } from "../../lib/pairing/pair_with.ts";
import type { Address } from "../../lib/protocol/address.ts";
import { Gatekeeper } from "../../lib/security/gatekeeper.ts";
import { admitAsSender, handshakeAsViewer } from "../../lib/security/handshake.ts";
import { identityOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { accept } from "../../lib/security/listen.ts";
import { readControl } from "../../lib/protocol/read_control.ts";
import { wrong } from "../support/codes.ts";
import { until } from "../support/patience.ts";

const KEY = Key.random();
const IDENTITY = await identityOf(KEY);
const NEVER = new AbortController().signal;

/** Runs `test` with a sender that has the key, and answers invitations. */
async function withSender(
  test: (address: Address, events: PairingEvent[], desk: PairingDesk) => Promise<void>,
): Promise<void> {
  const desk = new PairingDesk(KEY);
  const events: PairingEvent[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const serving: Promise<void>[] = [];
  const accepting = accept(
    listener,
    { signal: stop.signal, gatekeeper: new Gatekeeper(admitAsSender(IDENTITY, desk)) },
    (connection) => {
      serving.push((async () => {
        assertEquals((await readControl(connection))?.type, "invite");
        await serveInvitation(desk, connection, (event) => events.push(event));
      })());
    },
  );
  await test({ hostname: "127.0.0.1", port: listener.addr.port }, events, desk);
  await Promise.all(serving);
  stop.abort();
  await accepting;
}

Deno.test("a program with the key shows a code of a running sender, and hears of every try", async () => {
  await withSender(async (address, events) => {
    const news = [];
    for await (const message of invite(address, handshakeAsViewer(IDENTITY), NEVER)) {
      news.push(message.type === "code" ? message.tries : message.state);
      if (message.type !== "code") continue;
      const { code } = message;
      await assertRejects(() => pairWith(address, wrong(code), NEVER), KeyError);
      assertEquals((await pairWith(address, code, NEVER)).text, KEY.text);
    }
    assertEquals(news, [3, "wrong", "paired"]);
    assertEquals(events.map(({ state }) => state), ["wrong", "paired"]);
  });
});

Deno.test("the code is not valid any more when the program that shows it ends", async () => {
  await withSender(async (address, events, desk) => {
    const stop = new AbortController();
    for await (const message of invite(address, handshakeAsViewer(IDENTITY), stop.signal)) {
      assert(message.type === "code");
      stop.abort();
    }
    await until(() => desk.tries === undefined, "the end of the code");
    assertEquals(events.map(({ state }) => state), ["withdrawn"]);
  });
});

Deno.test("a program without the key gets no code", async () => {
  await withSender(async (address, _, desk) => {
    const other = handshakeAsViewer(await identityOf(Key.random()));
    const error = await assertRejects(() => invite(address, other, NEVER).next(), KeyError);
    assertEquals([error.problem, desk.tries], ["wrong", undefined]);
  });
});

Deno.test("where nothing listens, invite() says so", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const to = { hostname: "127.0.0.1", port };
  const messages = invite(to, handshakeAsViewer(IDENTITY), NEVER);
  await assertRejects(() => messages.next(), CamcatError, "Cannot connect to");
});
