// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import {
  type BodyHeaders,
  type Content,
  contentOf,
  likelyFacts,
} from "../../lib/capture/content.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { ffmpegJpegs, join, jpeg } from "../support/jpegs.ts";
import { fuzz } from "../support/random.ts";

const TCP: BodyHeaders = { type: "", length: undefined, isHttp: false };
const LIVE: BodyHeaders = { ...TCP, isHttp: true };
const FILE: BodyHeaders = { ...LIVE, length: 1000 };
const MULTIPART: BodyHeaders = { ...LIVE, type: "multipart/x-mixed-replace" };

function text(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test({
  name: "contentOf() finds JPEGs behind whatever headers, and asks for more where it cannot tell",
  permissions: "none",
  fn() {
    const head = "--foo\r\nContent-Type: image/jpeg;size=1\r\n\r\n";
    const binary = Uint8Array.from({ length: 300 }, (_, index) => 128 + index % 100);
    const cases: [string, Uint8Array, BodyHeaders, boolean, Content | undefined][] = [
      ["a JPEG", jpeg(), TCP, false, "pictures"],
      ["a part", join(text(head), jpeg()), LIVE, false, "pictures"],
      ["a part without its delimiter", join(text(head.slice(7)), jpeg()), LIVE, false, "pictures"],
      ["headers only", text(head), LIVE, false, undefined],
      ["headers only, of a known type", text(head), MULTIPART, false, "pictures"],
      ["the middle of a JPEG", join(binary, jpeg()), TCP, false, "pictures"],
      ["something else", binary, TCP, false, undefined],
      ["something else, all of it", binary, TCP, true, "stream"],
      ["something else that is a file", binary, FILE, true, "file"],
      ["a playlist", text("#EXTM3U\n"), LIVE, false, "file"],
      ["a manifest", text("<?xml?><MPD/>"), LIVE, false, "file"],
      ["MP4", join(0, 0, 0, 24, text("ftypisom")), LIVE, false, "file"],
      [
        "MP4 that cannot be asked for again",
        join(0, 0, 0, 24, text("ftypisom")),
        TCP,
        false,
        "stream",
      ],
      ["H.264", join(0, 0, 0, 1, 0x67, binary), TCP, false, "stream"],
      ["nothing", new Uint8Array(), TCP, false, undefined],
    ];
    for (const [name, bytes, headers, isAll, expected] of cases) {
      assertEquals(contentOf(bytes, headers, isAll), expected, name);
    }
    fuzz(2000, (random) => {
      const content = contentOf(random.damaged(join(text(head), jpeg())), LIVE, true);
      assert(content !== undefined);
    });
  },
});

Deno.test("contentOf() knows what ffmpeg writes", async () => {
  await using folder = new Folder();
  const video = ["-f", "lavfi", "-i", "testsrc2=size=64x48:duration=0.2", "-pix_fmt", "yuv420p"];
  const cases: [string, BodyHeaders, Content][] = [
    ["a.ts", LIVE, "stream"],
    ["a.ts", FILE, "file"],
    ["a.flv", LIVE, "stream"],
    ["a.mkv", LIVE, "stream"],
    ["a.mkv", FILE, "file"],
    ["a.mp4", LIVE, "file"],
    ["a.avi", FILE, "file"],
    ["a.gif", FILE, "file"],
    ["a.png", FILE, "stream"],
    ["a.bmp", FILE, "stream"],
  ];
  for (const [name, headers, expected] of cases) {
    const path = `${folder.path}/${name}`;
    await ffmpeg([...video, ...(/png|bmp/.test(name) ? ["-frames:v", "1"] : []), path]);
    const start = (await Deno.readFile(path)).subarray(0, 2000);
    assertEquals(contentOf(start, headers, false), expected, name);
  }
  const [picture] = await ffmpegJpegs("64x48", 1);
  assertEquals(contentOf(picture.subarray(0, 40), LIVE, false), "pictures");
});

Deno.test("likelyFacts() knows MJPEG in the files that ffmpeg writes, and what is no video", async () => {
  await using folder = new Folder();
  const video = ["-f", "lavfi", "-i", "testsrc2=size=64x48:duration=0.2", "-pix_fmt", "yuvj420p"];
  const cases: [string, string[], string | undefined][] = [
    ["mjpeg.mkv", ["-c:v", "mjpeg"], "mjpeg"],
    ["mjpeg.avi", ["-c:v", "mjpeg"], "mjpeg"],
    ["vp8.mkv", ["-c:v", "libvpx"], ""],
    ["mpeg4.mp4", ["-c:v", "mpeg4"], ""],
    ["one.jpg", ["-frames:v", "1"], undefined],
    ["pictures.mjpeg", [], undefined],
  ];
  for (const [name, output, codec] of cases) {
    const path = `${folder.path}/${name}`;
    await ffmpeg([...video, ...output, path]);
    assertEquals((await likelyFacts(path))?.codec, codec, name);
  }
  assertEquals(await likelyFacts(folder.path), undefined);
  assertEquals(await likelyFacts(`${folder.path}/missing.mkv`), undefined);
});
