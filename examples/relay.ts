/**
 * Passes the pictures of one sender on, to any number of viewers: the camera's network carries each
 * picture once, however many watch.
 *
 *     deno run -A examples/relay.ts 192.168.1.20:9000/KEY [PORT]
 *
 * Viewers need the same key. The relay sees the pictures, for it is a viewer itself. The program does
 * more: `sender camcat://192.168.1.20:9000/KEY` also keeps numbers, capture times and NO SIGNAL.
 *
 * @module
 */

import { formatAddress, parsePeer, receive, send } from "@camcat/camcat";

const [peer = "127.0.0.1", port = "9001"] = Deno.args;
const { address, key, camera } = parsePeer(peer);

async function* pictures() {
  for await (const { frame, live } of receive(address, { key, camera })) {
    // send() copies the bytes before it asks for the next picture.
    if (live) yield frame.jpeg;
  }
}

const listen = { hostname: "127.0.0.1", port: Number(port) };
await using relay = await send(pictures(), { listen, key, name: camera ?? "relay" });
console.log(`receiver ${formatAddress(relay.address)}`);
await relay.done;
