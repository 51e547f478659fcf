/**
 * Saves one picture of a sender.
 *
 *     deno run -A examples/save_snapshot.ts 192.168.1.20:9000/KEY now.jpg
 *
 * @module
 */

import { CamcatError, parsePeer, receive } from "@camcat/camcat";

const [peer = "127.0.0.1", file = "now.jpg"] = Deno.args;
try {
  const { address, key, camera } = parsePeer(peer);
  const signal = AbortSignal.timeout(10_000);
  for await (const { frame, live } of receive(address, { key, camera, signal, once: true })) {
    // The last picture of a lost camera is not live.
    if (!live) continue;
    // The bytes are ours until the next turn of the loop.
    await Deno.writeFile(file, frame.jpeg);
    console.log(`${file}: ${frame.jpeg.length} bytes`);
    Deno.exit(0);
  }
  console.error("Cannot save a picture: one must come within 10 s, received none");
} catch (error) {
  if (!(error instanceof CamcatError)) throw error;
  console.error(error.message);
}
Deno.exit(1);
