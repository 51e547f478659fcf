/**
 * The least that a sender can do: it writes to one viewer what it reads from ffmpeg.
 * It knows no pictures, keys or viewers:
 *
 *     bare HOST PORT CLIP
 *
 * @module
 */

const [hostname, port, clip] = Deno.args;
const folder = Deno.makeTempDirSync({ prefix: "camcat-bench-" });
const path = `${folder}/frames`;
const source = Deno.listen({ transport: "unix", path });
const listener = Deno.listen({ hostname, port: Number(port) });
new Deno.Command("ffmpeg", {
  // deno-fmt-ignore
  args: [
    "-loglevel", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", clip,
    "-c", "copy", "-f", "mjpeg", `unix:${path}`,
  ],
}).spawn();
const frames = await source.accept();
source.close();
Deno.removeSync(folder, { recursive: true });
let viewer: Deno.TcpConn | undefined;
listener.accept().then((accepted) => viewer = accepted);
const buffer = new Uint8Array(1 << 20);
for (let count; (count = await frames.read(buffer)) !== null;) {
  for (let at = 0; viewer !== undefined && at < count;) {
    at += await viewer.write(buffer.subarray(at, count));
  }
}
