// Listing the cameras of a broker that means harm, or is none.

// @ts-types="../../lib/std.d.ts"
import { assertRejects, assertStringIncludes } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { parseBrokerUrl } from "../../lib/broker/broker_url.ts";
import { listPublished } from "../../lib/broker/listing.ts";

const INFO = "%3\r\n+mode\r\n+standalone\r\n+role\r\n+master\r\n+version\r\n+7.0.0\r\n";

/** A server that answers a SCAN with `answer`, in RESP3 ("Redis serialization protocol"). */
function serveScan(answer: string): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const replies: Record<string, string> = { HELLO: INFO, SCAN: answer };
  const serve = async (connection: Deno.Conn) => {
    for await (const bytes of connection.readable) {
      const commands = new TextDecoder().decode(bytes).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g);
      const said = [...commands].map(([, name]) => replies[name] ?? "+OK\r\n").join("");
      await connection.write(new TextEncoder().encode(said));
    }
  };
  (async () => {
    for await (const connection of listener) serve(connection).catch(() => {});
  })().catch(() => {}); // closed
  return listener;
}

for (
  const [what, answer, reason] of [
    ["a word", "+OK\r\n", "its answer to SCAN makes no sense"],
    ["nothing", "_\r\n", "its answer to SCAN makes no sense"],
    ["silence", "", "it does not answer"],
  ]
) {
  Deno.test(`listPublished() says what is wrong with a broker whose list is ${what}`, async () => {
    using listener = serveScan(answer);
    const broker = parseBrokerUrl(`redis://127.0.0.1:${listener.addr.port}`);
    const { message } = await assertRejects(
      () => listPublished(broker, { tls: false }),
      CamcatError,
    );
    assertStringIncludes(message, `Cannot list the cameras of the broker 127.0.0.1:`);
    assertStringIncludes(message, reason);
  });
}
