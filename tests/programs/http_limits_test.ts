// What hostile HTTP clients without the key cost the compiled sender, and other clients.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { onAbort, wait } from "../../lib/base/abort.ts";
import { writeAll } from "../../lib/program/write_all.ts";
import { closeQuietly } from "../../lib/protocol/connection.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { until } from "../support/patience.ts";
import { type Program, programTest, startSender, TEST_KEY } from "../support/programs.ts";
import { upgradeRequest } from "../support/websocket.ts";

const MIB = 1 << 20;
const HOSTILE_CONNECTIONS = 200;
/** What each hostile connection tries to send. */
const BYTES_EACH = 8 * MIB;
const MAX_GROWTH = 64 * MIB;

const { token } = await httpSecretsOf(TEST_KEY);
const ascii = (text: string) => new TextEncoder().encode(text);

/** The highest resident memory that a process has had, in bytes. */
function peakMemory({ pid }: Program): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

/** A WebSocket frame that announces 60 MiB. */
const HUGE_FRAME = new Uint8Array(14);
HUGE_FRAME.set([0x82, 0xff]);
new DataView(HUGE_FRAME.buffer).setUint32(6, 60 * MIB);

const CHUNK = new Uint8Array(64 * 1024).fill(0x61);
/** The same in a chunked body (RFC 9112 section 7.1). */
const BODY_CHUNK = new Uint8Array([...ascii("10000\r\n"), ...CHUNK, ...ascii("\r\n")]);

/** How each connection begins, and what it then sends again and again, if anything. */
const ATTACKS: [what: string, start: (host: string) => Uint8Array, then?: Uint8Array][] = [
  ["silence", () => ascii("")],
  ["half a request", () => ascii("GET / HTTP/1.1\r\nHost: x")],
  ["a head without end", () => ascii("GET / HTTP/1.1\r\nA: "), CHUNK],
  [
    "a body that is held back",
    (host) => ascii(`POST /session HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 43\r\n\r\n`),
  ],
  ["a chunked body beside its length", (host) =>
    ascii(
      `POST /session HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 6\r\n` +
        "Transfer-Encoding: chunked\r\n\r\n",
    ), BODY_CHUNK],
  [
    "a huge WebSocket message",
    (host) => new Uint8Array([...ascii(upgradeRequest(host)), ...HUGE_FRAME]),
    CHUNK,
  ],
  [
    "pages that are not read",
    (host) => ascii(`GET /page.css HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(100)),
  ],
  [
    "pictures that are not read",
    (host) => ascii(`GET /snapshot.jpg HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  ],
];

/** Connects and attacks until `signal` is aborted; again whenever it is disconnected. */
async function attack(
  number: number,
  host: string,
  signal: AbortSignal,
  onEnd: () => void,
): Promise<void> {
  const [, start, then] = ATTACKS[number % ATTACKS.length];
  const [hostname, port] = host.split(":");
  while (!signal.aborted) {
    const connection = await Deno.connect({ hostname, port: Number(port) }).catch(() => undefined);
    if (connection === undefined) continue;
    try {
      using _ = onAbort(signal, () => closeQuietly(connection));
      await writeAll(connection, start(host));
      for (let sent = 0; then !== undefined && sent < BYTES_EACH; sent += then.length) {
        await writeAll(connection, then);
      }
      // Holds the connection, and reads as little as possible.
      while (await connection.read(new Uint8Array(1)) !== null) {
        await wait(1000, signal);
      }
    } catch {
      // It was disconnected.
    }
    closeQuietly(connection);
    onEnd();
    await wait(250, signal);
  }
}

/** The status of a request; 0 if the connection is closed without an answer. */
async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}

for (const mode of ["with a key", "--open"]) {
  programTest(
    `sender ${mode} spends under 64 MiB on 200 hostile HTTP connections, and serves others`,
    async () => {
      const args = mode === "--open" ? ["--open"] : [];
      await using sender = startSender(["test", "--size=320x240", "--http=0", ...args]);
      const { url } = await sender.event(({ event }) => event === "http");
      await sender.event((it) => it.event === "capture" && it.state === "live");
      const { host } = new URL(url);
      assertEquals(await statusOf(`${url}snapshot.jpg`), 200);
      const before = peakMemory(sender);

      const stop = new AbortController();
      let ends = 0;
      const attacks = Promise.all(
        Array.from(
          { length: HOSTILE_CONNECTIONS },
          (_, number) => attack(number, host, stop.signal, () => ends++),
        ),
      );
      try {
        // Clients at the same address as the attackers, until these were disconnected often.
        while (ends < 10 * HOSTILE_CONNECTIONS) {
          await until(async () => await statusOf(`${url}snapshot.jpg`) === 200, "a picture");
          await until(async () => await statusOf(`${url}healthz`) === 200, "health");
          const growth = peakMemory(sender) - before;
          assertEquals(growth < MAX_GROWTH, true, `grew by ${(growth / MIB).toFixed(1)} MiB`);
        }
      } finally {
        stop.abort();
        await attacks;
      }
      assertEquals(await sender.stop(), 0);
    },
  );
}
