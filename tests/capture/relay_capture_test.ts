// HTTP and TCP cameras as they are, with real ffmpeg and small servers.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { Capture, type CaptureOptions } from "../../lib/capture/capture.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { ffmpegJpegs, join } from "../support/jpegs.ts";

const PICTURES = await ffmpegJpegs("64x48", 3);
const ENCODER = new TextEncoder();

/** A server that takes connections of any protocol, and what it was asked. */
class Server implements AsyncDisposable {
  readonly requests: string[] = [];
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #serving: Promise<void>;
  #connections = new Set<Deno.Conn>();

  /** @param answer gets the number of the connection and writes to it; it is closed then */
  constructor(answer: (connection: Deno.Conn, number: number) => Promise<void>, asks = true) {
    this.#serving = (async () => {
      for await (const connection of this.#listener) {
        this.#connections.add(connection);
        (async () => {
          if (asks) this.requests.push(await requestOf(connection));
          else this.requests.push("");
          await answer(connection, this.requests.length);
          connection.close();
        })().catch(() => {}); // the client left
      }
    })().catch(() => {});
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch {
        // it is closed
      }
    }
    await this.#serving;
  }
}

/** The head of an HTTP request. */
async function requestOf(connection: Deno.Conn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(4096);
  while (!text.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

async function send(connection: Deno.Conn, ...parts: (string | Uint8Array)[]): Promise<void> {
  const bytes = join(
    ...parts.map((part) => typeof part === "string" ? ENCODER.encode(part) : part),
  );
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Until the client leaves. */
async function untilClosed(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(100);
  while (await connection.read(buffer) !== null) { /* it has nothing to say */ }
}

/** The first `count` frames of a source. */
async function take(
  url: string,
  count: number,
  options: Partial<CaptureOptions> = {},
  capture = new Capture({ kind: "url", url }),
): Promise<Uint8Array[]> {
  const stop = new AbortController();
  const jpegs: Uint8Array[] = [];
  for await (const { jpeg } of capture.frames({ signal: stop.signal, ...options })) {
    jpegs.push(jpeg.slice());
    if (jpegs.length === count) break;
  }
  return jpegs;
}

function hex(jpegs: Uint8Array[]): string[] {
  return jpegs.map((jpeg) => jpeg.toHex());
}

const TYPE = "Content-Type: multipart/x-mixed-replace";
const [A, B, C] = PICTURES;
const part = (jpeg: Uint8Array, head = "Content-Type: image/jpeg") => [
  `--foo\r\n${head}${head === "" ? "" : "\r\n"}\r\n`,
  ...[jpeg, "\r\n"],
];
const length = (jpeg: Uint8Array) => `Content-Length: ${jpeg.length}`;

/** How cameras write a stream: headers of the answer, and the body. */
const STREAMS: [string, string, (string | Uint8Array)[]][] = [
  ["as announced", `${TYPE}; boundary=foo`, PICTURES.flatMap((jpeg) => part(jpeg, length(jpeg)))],
  ["the first boundary is missing", `${TYPE}; boundary=foo`, [A, "\r\n", ...part(B), ...part(C)]],
  ["parts without a type", `${TYPE}; boundary=foo`, PICTURES.flatMap((jpeg) => part(jpeg, ""))],
  [
    "types with parameters",
    `${TYPE}; boundary=foo`,
    PICTURES.flatMap((jpeg) => part(jpeg, "Content-Type: image/jpeg;size=4711")),
  ],
  [
    "wrong lengths",
    `${TYPE}; boundary=foo`,
    PICTURES.flatMap((jpeg) => part(jpeg, "Content-Length: 17")),
  ],
  ["another delimiter than announced", `${TYPE}; boundary=--bar`, PICTURES.flatMap((j) => part(j))],
  ["no boundary announced", TYPE, PICTURES.flatMap((jpeg) => part(jpeg))],
  ["no type announced", "Server: x", PICTURES.flatMap((jpeg) => part(jpeg))],
  ["JPEGs one after another", "Content-Type: application/octet-stream", PICTURES],
  ["JPEGs one after another, as one", "Content-Type: image/jpeg", PICTURES],
  ["no EOI", `${TYPE}; boundary=foo`, PICTURES.flatMap((j) => part(j.subarray(0, -2)))],
];

for (const [name, headers, body] of STREAMS) {
  Deno.test(`Capture reads an HTTP camera by one connection: ${name}`, async () => {
    await using server = new Server(async (connection) => {
      await send(connection, `HTTP/1.0 200 OK\r\n${headers}\r\n\r\n`, ...body, ...part(A));
      await untilClosed(connection);
    });
    const jpegs = await take(`http://127.0.0.1:${server.port}/`, 3);
    assertEquals(hex(jpegs), hex(PICTURES));
    assertEquals(server.requests.length, 1);
  });
}

Deno.test("Capture encodes what an HTTP camera sends if it is asked to change it", async () => {
  await using server = new Server(async (connection) => {
    await send(connection, `HTTP/1.0 200 OK\r\n${TYPE}\r\n\r\n`);
    for (;;) await send(connection, ...part(A));
  });
  const [jpeg] = await take(`http://127.0.0.1:${server.port}/`, 1, { size: { width: 32 } });
  assertEquals(sizeOf(jpeg), { width: 32, height: 24 });
  assertEquals(server.requests.length, 1);
});

Deno.test("Capture opens a source once that can be opened only once", async () => {
  const movie = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=3"];
  const h264 = ["-c:v", "mpeg2video", "-f", "mpegts", "pipe:1"];
  const bodies = {
    "JPEGs": join(...PICTURES, ...PICTURES),
    "a transport stream": await ffmpeg([...movie, ...h264]),
  };
  for (const [name, body] of Object.entries(bodies)) {
    await using server = new Server(async (connection, number) => {
      if (number === 1) await send(connection, body);
    }, false);
    const jpegs = await take(`tcp://127.0.0.1:${server.port}`, 3);
    assertEquals(jpegs.map(sizeOf), Array(3).fill({ width: 64, height: 48 }), name);
    assertEquals(server.requests.length, 1, name);
  }
});

Deno.test("Capture waits for a camera that connects, and says so", async () => {
  using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const noted = Promise.withResolvers<string>();
  const url = `tcp://127.0.0.1:${port}?listen=1`;
  const taken = take(url, 2, { onNote: noted.resolve });
  assertEquals(await noted.promise, `Waiting for a camera to connect to tcp://127.0.0.1:${port}`);
  for (;;) {
    try {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await send(connection, ...PICTURES);
      break;
    } catch {
      // ffmpeg does not listen yet
    }
  }
  assertEquals(hex(await taken), hex([A, B]));
});

Deno.test("Capture reads a URL of one picture again and again, if it has changed", async () => {
  await using server = new Server(async (connection, number) => {
    const jpeg = number < 3 ? A : B;
    const isKnown = server.requests.at(-1)!.includes(`If-None-Match: "${number < 3 ? 1 : 2}"`);
    await send(
      connection,
      `HTTP/1.1 ${isKnown ? "304 Not Modified" : "200 OK"}\r\nETag: "${number < 3 ? 1 : 2}"\r\n`,
      `Content-Type: image/jpeg\r\n${isKnown ? "" : `Content-Length: ${jpeg.length}\r\n`}\r\n`,
      ...(isKnown ? [] : [jpeg]),
    );
  });
  const notes: string[] = [];
  const url = `http://127.0.0.1:${server.port}/snapshot.jpg`;
  const jpegs = await take(url, 4, { fps: 10, onNote: (note) => notes.push(note) });
  assertEquals(hex(jpegs), hex([A, A, B, B]));
  assertEquals(server.requests.map((text) => /If-None-Match: (.*)\r/.exec(text)?.[1]), [
    undefined,
    '"1"',
    '"1"',
    '"2"',
  ]);
  assertEquals(notes, [`${url} is a single picture: reading it every 0.1 s`]);
});

Deno.test("Capture shows the first of several JPEGs in one picture at a URL", async () => {
  const body = join(A, B);
  await using server = new Server(async (connection) => {
    const head = `Content-Type: image/jpeg\r\nContent-Length: ${body.length}`;
    await send(connection, `HTTP/1.1 200 OK\r\n${head}\r\n\r\n`, body);
  });
  const jpegs = await take(`http://127.0.0.1:${server.port}/`, 2, { fps: 10 });
  assertEquals(hex(jpegs), hex([A, A]));
  assertEquals(server.requests.length, 2);
});

Deno.test("Capture loses a picture's URL when it cannot be read any more, and finds it again", async () => {
  await using server = new Server(async (connection, number) => {
    const head = `Content-Type: image/jpeg\r\nContent-Length: ${A.length}`;
    if (number === 2) await send(connection, "HTTP/1.1 404 Not Found\r\n\r\n");
    else await send(connection, `HTTP/1.1 200 OK\r\n${head}\r\n\r\n`, A);
  });
  const url = `http://127.0.0.1:${server.port}/x.jpg`;
  const capture = new Capture({ kind: "url", url });
  await assertRejects(
    () => take(url, 9, { fps: 10 }, capture),
    CamcatError,
    "the server has nothing at this path",
  );
  assertEquals((await take(url, 2, { fps: 10 }, capture)).length, 2);
});

Deno.test("Capture says that a server does not answer, and is aborted at once", async () => {
  await using server = new Server((connection) => untilClosed(connection));
  const url = `http://127.0.0.1:${server.port}/`;
  const stop = new AbortController();
  const frames = Array.fromAsync(new Capture({ kind: "url", url }).frames({ signal: stop.signal }));
  await until(() => server.requests.length > 0, "a request");
  stop.abort();
  assertEquals(await frames, []);
});

Deno.test("Capture shows no password of a URL in what ffmpeg says", async () => {
  await using server = new Server(async (connection) => {
    const isKnown = server.requests.at(-1)!.includes("Authorization: Basic");
    const challenge = '401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"';
    await send(connection, `HTTP/1.1 ${isKnown ? "500 Oops" : challenge}\r\n\r\n`);
  });
  const lines: string[] = [];
  const url = `http://user:secret@127.0.0.1:${server.port}/?token=hidden`;
  const error = await assertRejects(
    () => take(url, 1, { onLine: (line) => lines.push(line) }),
    CamcatError,
  );
  const all = [error.message, error.details, ...lines].join("\n");
  assert(lines.length > 0 && !/secret|hidden|dXNlcj/.test(all), all);
  assert(server.requests.length === 2, server.requests.join(""));
});

Deno.test("Capture weaves two fields into a picture", async () => {
  const field = (jpeg: Uint8Array, polarity: number) =>
    join(
      jpeg.subarray(0, 2),
      Uint8Array.of(0xff, 0xe0, 0, 16, 0x41, 0x56, 0x49, 0x31, polarity, ...Array(9).fill(0)),
      jpeg.subarray(2),
    );
  await using server = new Server(async (connection) => {
    await send(connection, `HTTP/1.0 200 OK\r\n${TYPE}\r\n\r\n`);
    for (;;) await send(connection, ...part(join(field(A, 1), field(B, 2))));
  });
  const [jpeg] = await take(`http://127.0.0.1:${server.port}/`, 1);
  assertEquals(sizeOf(jpeg), { width: 64, height: 96 });
});

Deno.test("Capture repeats a single picture once a second, whatever holds it", async () => {
  await using folder = new Folder();
  const { path } = folder;
  await Deno.writeFile(`${path}/a.jpg`, join(A, B)); // with a second picture behind it
  await ffmpeg(["-i", `${path}/a.jpg`, "-frames:v", "1", `${path}/a.png`]);
  await ffmpeg(["-i", `${path}/a.jpg`, "-frames:v", "1", `${path}/a.gif`]);
  const sound = ["-f", "lavfi", "-t", "2", "-i", "anullsrc"];
  const cover = ["-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic"];
  await ffmpeg([...sound, "-i", `${path}/a.jpg`, ...cover, `${path}/a.mp3`]);
  for (const name of ["a.jpg", "a.png", "a.gif", "a.mp3"]) {
    for (const loop of [false, true]) {
      const stop = new AbortController();
      const capture = new Capture({ kind: "file", path: `${path}/${name}` });
      const startedAt = performance.now();
      let count = 0;
      for await (const { jpeg } of capture.frames({ signal: stop.signal, loop })) {
        assertEquals(sizeOf(jpeg), { width: 64, height: 48 });
        if (name === "a.jpg") assertEquals(jpeg.toHex(), A.toHex());
        if (++count === 2) break;
      }
      assertEquals(count, loop ? 2 : 1, name);
      if (loop) assert(performance.now() - startedAt > 900, name);
    }
  }
});

Deno.test("Capture says why it drops a picture that is too large", async () => {
  await using server = new Server(async (connection) => {
    await send(connection, `HTTP/1.0 200 OK\r\n${TYPE}\r\n\r\n`, ...PICTURES);
  });
  const notes: string[] = [];
  const url = `http://127.0.0.1:${server.port}/`;
  await assertRejects(
    () => take(url, 1, { maxPixels: 3000, onNote: (note) => notes.push(note) }),
    CamcatError,
  );
  assertEquals(notes, [
    `Dropping a picture of ${url}: it has 64x48 pixels, more than 3000. Set --max-pixels to allow it`,
  ]);
});
