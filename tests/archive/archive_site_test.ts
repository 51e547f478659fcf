// The site of the recordings, over real connections.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ArchiveSite } from "../../lib/archive/archive_site.ts";
import { rangeOf } from "../../lib/archive/byte_range.ts";
import { Recordings } from "../../lib/archive/recordings.ts";
import { parseSpan } from "../../lib/archive/span.ts";
import { serveSite } from "../../lib/http/server.ts";
import { MATROSKA } from "../../lib/record/formats.ts";
import { Naming } from "../../lib/record/naming.ts";
import { Key } from "../../lib/security/key.ts";
import { archiveSecretsOf, httpSecretsOf } from "../../lib/security/identity.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { exists, Folder } from "../support/folder.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { mux } from "../support/recordings.ts";

const NOON = new Date(2026, 10, 20, 12).getTime();

/** A recording of two seconds. */
async function recording(startMs: number, isFinished = true): Promise<Uint8Array> {
  const source = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=10", "-frames:v", "20"];
  const clip = await ffmpeg([...source, "-c:v", "mjpeg", "-f", "mjpeg", "pipe:1"]);
  const frames = new JpegSplitter().push(clip).map(({ jpeg }, index) => ({
    jpeg: jpeg.slice(),
    timeMs: startMs + index * 100,
  }));
  return mux(MATROSKA, frames, isFinished).bytes;
}

Deno.test("the site of the recordings gives parts of files, and nothing but recordings", async () => {
  await using folder = new Folder();
  const yard = `${folder.path}/yard/`;
  await Deno.mkdir(`${yard}door`, { recursive: true });
  const bytes = await recording(NOON);
  const name = new Naming().name(NOON, ".mkv");
  await Deno.writeFile(yard + name, bytes);
  await Deno.writeFile(`${yard}door/${name}`, bytes);
  const past = new Date(NOON);
  for (const path of [name, `door/${name}`]) await Deno.utime(yard + path, past, past);
  const fresh = new Naming().name(Date.now(), ".mkv");
  await Deno.writeFile(yard + fresh, await recording(Date.now(), false));
  await Deno.writeTextFile(`${yard}secret.txt`, "secret");
  await Deno.writeFile(`${folder.path}/${name}`, bytes);
  await Deno.symlink(`${folder.path}/${name}`, `${yard}${new Naming().name(NOON + 1000, ".mkv")}`);
  await Deno.symlink(folder.path, `${yard}link`);

  const key = Key.random();
  const secrets = await archiveSecretsOf(key);
  const stop = new AbortController();
  const triggers: string[][] = [];
  const onTrigger = (...trigger: string[]) => triggers.push(trigger);
  const { address, finished } = serveSite(
    (where) =>
      new ArchiveSite(new Recordings(yard, new Naming()), {
        ...{ secrets, names: [], onTrigger, ...where },
      }),
    { address: { hostname: "127.0.0.1", port: 0 }, signal: stop.signal },
    "--http",
  );
  const ask = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
    const response = await fetch(`http://127.0.0.1:${address.port}/${path}`, {
      method,
      headers: { Authorization: `Bearer ${secrets.token}`, ...headers },
    });
    return {
      ...response,
      status: response.status,
      headers: response.headers,
      body: await response.bytes(),
    };
  };
  const { recordings } = JSON.parse(new TextDecoder().decode((await ask("recordings.json")).body));
  assertEquals(recordings.map((it: { name: string }) => it.name).sort(), [
    name,
    fresh,
    `door/${name}`,
  ]);

  const file = `recording.mkv?name=${name}`;
  assertEquals((await ask(file)).body, bytes);
  const part = await ask(file, { Range: "bytes=100-199" });
  assertEquals([part.status, part.body], [206, bytes.slice(100, 200)]);
  assertEquals(part.headers.get("content-range"), `bytes 100-199/${bytes.length}`);
  assertEquals((await ask(file, { Range: "bytes=-5" })).body, bytes.slice(-5));
  assertEquals((await ask(file, { Range: "bytes=0-1,4-5" })).status, 200);
  const beyond = await ask(file, { Range: `bytes=${bytes.length}-` });
  assertEquals([beyond.status, beyond.headers.get("content-range")], [
    416,
    `bytes */${bytes.length}`,
  ]);
  const etag = part.headers.get("etag")!;
  assertEquals((await ask(file, { Range: "bytes=1-1", "If-Range": etag })).status, 206);
  assertEquals((await ask(file, { Range: "bytes=1-1", "If-Range": '"x"' })).status, 200);
  const head = await ask(file, {}, "HEAD");
  assertEquals([head.headers.get("content-length"), head.body.length], [`${bytes.length}`, 0]);

  for (
    const hostile of [
      ...["secret.txt", "../" + name, `./${name}`, `door/../${name}`, `link/${name}`, `//${name}`],
      ...[`${folder.path}/${name}`, `..\\${name}`, `${name}\0`, "", "x".repeat(2000)],
      new Naming().name(NOON + 1000, ".mkv"),
    ]
  ) {
    const query = `name=${encodeURIComponent(hostile)}`;
    for (const path of ["recording.mkv", "clusters.json", "picture.jpg"]) {
      assertEquals((await ask(`${path}?${query}`)).status, 404, hostile);
    }
    assertEquals((await ask(`delete?${query}`, {}, "POST")).status, 404, hostile);
  }

  for (const token of [(await httpSecretsOf(key)).token, "wrong"]) {
    const Authorization = `Bearer ${token}`;
    assertEquals((await ask(file, { Authorization })).status, 401);
    assertEquals((await ask("trigger", { Authorization }, "POST")).status, 401);
  }
  assertEquals((await ask("trigger", { Origin: "http://evil.example" }, "POST")).status, 403);
  assertEquals((await ask("trigger?reason=bell%0A", {}, "POST")).status, 204);
  assertEquals((await ask("start", {}, "POST")).status, 204);
  assertEquals((await ask("stop")).status, 405);
  assertEquals(triggers, [["trigger", "bell"], ["start", ""]]);

  assertEquals((await ask(`delete?name=${fresh}`, {}, "POST")).status, 409);
  assertEquals((await ask(`delete?name=${name}`)).status, 405);
  assertEquals((await ask(`delete?name=door/${name}`, {}, "POST")).status, 204);
  assert(!exists(`${yard}door/${name}`) && exists(yard + name) && exists(yard + fresh));
  stop.abort();
  await finished;
});

Deno.test({
  name: "rangeOf() reads one range, and leaves out what it cannot serve",
  permissions: "none",
  fn() {
    const cases: [string | null, unknown][] = [
      ["bytes=0-9", { from: 0, to: 10 }],
      ["bytes=90-", { from: 90, to: 100 }],
      ["bytes=90-1000", { from: 90, to: 100 }],
      ["bytes=-1000", { from: 0, to: 100 }],
      ["bytes=100-", "none"],
      ["bytes=-0", "none"],
      ["bytes=5-4", undefined],
      ["bytes=-", undefined],
      ["bytes=0-1,2-3", undefined],
      ["pages=0-1", undefined],
      ["bytes=99999999999999999999-", undefined],
      [null, undefined],
    ];
    for (const [field, range] of cases) {
      assertEquals(rangeOf(field, 100), range as never, `${field}`);
    }
  },
});

Deno.test("parseSpan() reads local times, days and how long ago", () => {
  const now = new Date(2026, 10, 26, 16).getTime();
  const at = (day: number, hour: number, minute = 0) =>
    new Date(2026, 10, day, hour, minute).getTime();
  const cases: [string, number, number][] = [
    ["2026-11-26T15:20..15:40", at(26, 15, 20), at(26, 15, 40)],
    ["2026-11-25T23:00..2026-11-26T01:00", at(25, 23), at(26, 1)],
    ["14:00..15:00", at(26, 14), at(26, 15)],
    ["2026-11-24..2026-11-25", at(24, 0), at(26, 0)],
    ["90m..60m", at(26, 14, 30), at(26, 15)],
    ["1h..", at(26, 15), now],
    ["..14:00", -Infinity, at(26, 14)],
  ];
  for (const [text, fromMs, toMs] of cases) {
    assertEquals(parseSpan(text, now), { fromMs, toMs }, text);
  }
  for (
    const text of ["", "..", "15:00", "15:00..14:00", "25:00..26:00", "x..y", "2026-13-01..1m"]
  ) {
    let message = "";
    try {
      parseSpan(text, now);
    } catch (error) {
      message = (error as Error).message;
    }
    assert(/received/.test(message), text);
  }
});
