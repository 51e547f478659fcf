/**
 * Prints how many frames a sender gives each second, and how old they are.
 *
 *     deno run -A examples/count_frames.ts 192.168.1.20:9000/KEY
 *
 * @module
 */

import { CamcatError, parsePeer, receive } from "@camcat/camcat";

try {
  const { address, key, camera } = parsePeer(Deno.args[0] ?? "127.0.0.1");
  let [count, since] = [0, performance.now()];
  for await (const { frame, capturedAt } of receive(address, { key, camera })) {
    count++;
    const seconds = (performance.now() - since) / 1000;
    if (seconds < 1) continue;
    // Known as soon as the clocks of both machines have been compared.
    const age = capturedAt === undefined ? "?" : Math.round(Date.now() - capturedAt);
    console.log(
      `${(count / seconds).toFixed(1)} fps, ${frame.jpeg.length} bytes, ${age} ms old`,
    );
    [count, since] = [0, performance.now()];
  }
} catch (error) {
  if (!(error instanceof CamcatError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
