// Sources that hang while ffmpeg opens them, and what an RTSP camera is asked.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { Capture, type CaptureOptions } from "../../lib/capture/capture.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { Time } from "../support/time.ts";

/** A server whose answers a test writes itself. */
class Line implements Disposable {
  readonly listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  get host(): string {
    return `127.0.0.1:${this.listener.addr.port}`;
  }

  /** The next client, with its first request read. */
  async client(): Promise<Deno.Conn> {
    const client = await this.listener.accept();
    await client.read(new Uint8Array(4096));
    return client;
  }

  [Symbol.dispose](): void {
    this.listener.close();
  }
}

function framesOf(capture: Capture, options: Partial<CaptureOptions> = {}) {
  return Array.fromAsync(capture.frames({ signal: new AbortController().signal, ...options }));
}

for (const scheme of ["http", "rtsp", "srt", "tcp"]) {
  Deno.test(`Capture says that a source by ${scheme}:// does not answer`, async () => {
    using line = new Line();
    using time = new Time();
    const capture = new Capture({ kind: "url", url: `${scheme}://${line.host}/x` });
    const lost = assertRejects(
      () => framesOf(capture),
      CamcatError,
      scheme === "tcp" ? "Check that it" : "it gave no answer for 15 s",
    );
    const client = scheme === "srt" ? undefined : await line.listener.accept();
    let isLost = false;
    lost.then(() => isLost = true);
    while (!isLost) await time.pass(1000); // ffmpeg itself does not see this clock
    client?.close();
    assertEquals(time.timers, 0);
  });
}

Deno.test("Capture says the same after a loss, and is live again when the server is", async () => {
  using line = new Line();
  const [jpeg] = await ffmpegJpegs("64x48", 1);
  const capture = new Capture({ kind: "url", url: `http://${line.host}/x` });
  const head = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n";
  const live = async () => {
    const client = await line.client();
    await client.write(new TextEncoder().encode(head));
    for (let count = 0; count < 2; count++) await client.write(jpeg);
    client.close();
  };
  const isLive = async () => {
    let count = 0;
    const serving = live();
    await assertRejects(
      async () => {
        const { signal } = new AbortController();
        for await (const _ of capture.frames({ signal })) count++;
      },
      CamcatError,
      "the stream ended",
    );
    await serving;
    assertEquals(count, 2);
  };
  await isLive();
  {
    using time = new Time();
    const lost = assertRejects(() => framesOf(capture), CamcatError, "gave no answer for 15 s");
    using _client = await line.client();
    let isLost = false;
    lost.then(() => isLost = true);
    while (!isLost) await time.pass(1000);
  }
  await isLive();
});

Deno.test("Capture asks an RTSP camera for TCP, unless the user wants UDP", async () => {
  const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\n" +
    "m=video 0 RTP/AVP 33\r\na=control:track1\r\n";
  const cases = [[undefined, /RTP\/AVP\/TCP/], ["tcp", /RTP\/AVP\/TCP/], [
    "udp",
    /RTP\/AVP(\/UDP)?;/,
  ]] as const;
  for (const [rtspTransport, expected] of cases) {
    using line = new Line();
    const captured = assertRejects(
      () =>
        framesOf(new Capture({ kind: "url", url: `rtsp://${line.host}/cam` }), {
          ...(rtspTransport === undefined ? {} : { rtspTransport }),
        }),
      CamcatError,
    );
    using client = await line.listener.accept();
    const buffer = new Uint8Array(4096);
    let asked = "";
    for (let count; asked === "" && (count = await client.read(buffer)) !== null;) {
      const request = new TextDecoder().decode(buffer.subarray(0, count));
      const sequence = /CSeq: (\d+)/.exec(request)?.[1];
      const answer = (body = "") =>
        client.write(new TextEncoder().encode(
          `RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\nContent-Type: application/sdp\r\n` +
            `Content-Length: ${body.length}\r\n\r\n${body}`,
        ));
      if (request.startsWith("SETUP")) asked = /Transport: (.*)\r/.exec(request)![1];
      else await answer(request.startsWith("DESCRIBE") ? sdp : "");
    }
    client.close();
    await captured;
    assertEquals(expected.test(asked), true, asked);
  }
});
