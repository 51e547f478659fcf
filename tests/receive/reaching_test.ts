// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects } from "@std/assert";
import { wait } from "../../lib/base/abort.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import type { Address } from "../../lib/protocol/address.ts";
import { Reaching } from "../../lib/receive/reaching.ts";
import type { Elsewhere } from "../../lib/receive/seeker.ts";
import { withPatience } from "../support/patience.ts";
import { Time } from "../support/time.ts";

const NOBODY: Address = { hostname: "127.0.0.1", port: 1 };

function listen(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

/** Tells of an address again and again, as answers on a network do. */
function at(...addresses: Address[]): Elsewhere {
  return async function* (signal) {
    while (!signal.aborted) {
      yield* addresses;
      await wait(10, signal);
    }
  };
}

Deno.test("Reaching does not look elsewhere for a sender that answers", async () => {
  using listener = listen();
  let searches = 0;
  const elsewhere: Elsewhere = (signal) => {
    searches++;
    return at()(signal);
  };
  const signal = new AbortController().signal;
  using reaching = new Reaching(listener.addr, { signal, elsewhere });
  const { connection, address } = await reaching.reach(() => true);
  assertEquals([address, searches], [listener.addr, 0]);
  connection.close();
});

Deno.test("Reaching finds a sender elsewhere, and goes there first from then on", async () => {
  using listener = listen();
  const signal = new AbortController().signal;
  const elsewhere = at(NOBODY, listener.addr);
  using reaching = new Reaching(NOBODY, { signal, elsewhere });
  for (let count = 0; count < 2; count++) {
    const { connection, address } = await reaching.reach(() => true);
    assertEquals(address.port, listener.addr.port);
    connection.close();
    (await listener.accept()).close();
  }
});

Deno.test("Reaching reports each failure, looks on while it waits, and ends the wait early", async () => {
  const signal = new AbortController().signal;
  using listener = listen();
  let isThere = false;
  const elsewhere: Elsewhere = async function* (signal) {
    for await (const address of at(listener.addr)(signal)) if (isThere) yield address;
  };
  using reaching = new Reaching(NOBODY, { signal, elsewhere });
  await assertRejects(() => reaching.reach(() => false), CamcatError, "nothing listens there");
  isThere = true;
  await reaching.wait(3_600_000);
  const { connection } = await reaching.reach(() => false);
  connection.close();
});

Deno.test("Reaching waits for nothing where there is nowhere to look", async () => {
  const signal = new AbortController().signal;
  const nowhere: Elsewhere = async function* () {};
  for (const elsewhere of [undefined, nowhere]) {
    using _ = new Time(); // which does not pass: it would look for 2 s
    using reaching = new Reaching(NOBODY, { signal, elsewhere });
    await withPatience(
      () => assertRejects(() => reaching.reach(() => true), CamcatError, "nothing listens there"),
      () => "the failure",
    );
  }
});

Deno.test("Reaching closes a connection that comes when nobody wants it", async () => {
  const signal = new AbortController().signal;
  using listener = listen();
  {
    using reaching = new Reaching(NOBODY, { signal, elsewhere: at(listener.addr) });
    await assertRejects(() => reaching.reach(() => false), CamcatError);
    await reaching.wait(3_600_000);
  }
  using connection = await listener.accept();
  assertEquals(await connection.read(new Uint8Array(1)), null);
});
