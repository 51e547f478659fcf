// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { parseSize, parseSource, type Source, sourceName } from "../../lib/capture/source.ts";
import type { Size } from "../../lib/base/size.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("parseSource() recognises each kind of SOURCE, and sourceName() names it", () => {
  const cases: [string, Source, string][] = [
    ["test", { kind: "test" }, "test"],
    ["-", { kind: "stdin" }, "standard input"],
    ["/dev/video0", { kind: "device", path: "/dev/video0" }, "/dev/video0"],
    [
      "/dev/v4l/by-id/usb-046d_C920-video-index0",
      { kind: "device", path: "/dev/v4l/by-id/usb-046d_C920-video-index0" },
      "/dev/v4l/by-id/usb-046d_C920-video-index0",
    ],
    ["screen", { kind: "screen" }, "screen"],
    ["screen:0", { kind: "screen", number: 0 }, "screen:0"],
    ["screen:12", { kind: "screen", number: 12 }, "screen:12"],
    ["screen:", { kind: "file", path: "screen:" }, "screen:"],
    ["screen:a", { kind: "file", path: "screen:a" }, "screen:a"],
    ["./screen", { kind: "file", path: "./screen" }, "screen"],
    ["movie.mp4", { kind: "file", path: "movie.mp4" }, "movie.mp4"],
    ["/a/b c/movie.mp4", { kind: "file", path: "/a/b c/movie.mp4" }, "movie.mp4"],
    ["C:\\films\\movie.mp4", { kind: "file", path: "C:\\films\\movie.mp4" }, "movie.mp4"],
    ["./test", { kind: "file", path: "./test" }, "test"],
    ["./-", { kind: "file", path: "./-" }, "-"],
    ["-movie.mp4", { kind: "file", path: "-movie.mp4" }, "-movie.mp4"],
    ["concat:a|b", { kind: "file", path: "concat:a|b" }, "concat:a|b"],
    ["a:b://c", { kind: "file", path: "a:b://c" }, "c"],
    ["rtsp://host/live", { kind: "url", url: "rtsp://host/live" }, "rtsp://host/live"],
    ["HTTP://Host/X", { kind: "url", url: "http://Host/X" }, "http://Host/X"],
  ];
  for (const [text, source, name] of cases) {
    assertEquals(parseSource(text), source, text);
    assertEquals(sourceName(source), name, text);
  }
  assertThrows(() => parseSource(""), UsageError, "Cannot use an empty SOURCE");
  for (const scheme of ["concat", "subfile", "file", "data", "pipe", "CRYPTO", "x+y"]) {
    assertThrows(() => parseSource(`${scheme}://a|b`), UsageError, `begins with ${scheme}://`);
  }
  for (const name of ["a%d.jpg", "a%03d.jpg", "b/%*.png", "%[0-9].jpg"]) {
    assertThrows(() => parseSource(name), UsageError, `Cannot open ${name}: ffmpeg would take`);
  }
  assertEquals(parseSource("100% good.mp4"), { kind: "file", path: "100% good.mp4" });
});

test("sourceName() calls a camera by its own name where that is known", () => {
  const camera: Source = { kind: "device", path: "/dev/video0", name: "HD Pro Webcam" };
  assertEquals(sourceName(camera), "HD Pro Webcam");
});

test("sourceName() leaves out passwords", () => {
  const cases: [string, string][] = [
    ["rtsp://user:secret@host/live", "rtsp://host/live"],
    ["rtsp://user@host/live", "rtsp://host/live"],
    ["rtsp://user:secret@host", "rtsp://host"],
    // ffmpeg takes the last @ for the end of a password.
    ["rtsp://user:s@cret@host/live", "rtsp://host/live"],
    ["http://host/video?token=secret", "http://host/video"],
    // What is before the last @ may be a password with raw characters.
    ["http://user:secret@host/video?a@b=c", "http://***@b=c"],
    ["http://host/@user/video", "http://***@user/video"],
    ["rtsp://admin:my/secret@host/cam", "rtsp://***@host/cam"],
    ["rtsp://admin:12/34@host/cam", "rtsp://***@host/cam"],
  ];
  for (const [url, name] of cases) assertEquals(sourceName({ kind: "url", url }), name);
});

test("parseSource() asks to percent-encode a raw / ? # or blank in a password", () => {
  const wrong = [
    ...[
      "rtsp://admin:my/secret@host/cam",
      "rtsp://admin:p@ss#1@host:554/cam",
      "http://u:a?b@host/",
    ],
    ...[
      "http://u:a b@host/",
      "rtsp://a:b#c@[::1]/x",
      "rtsp://user:/@host/",
      "rtsp://u:p@s/s@host/x",
    ],
    ...["rtsp://admin:12?34@host/", "http://us#er:pw@host/"],
  ];
  for (const url of wrong) {
    const error = assertThrows(() => parseSource(url), UsageError, "percent-encoded: write %2F");
    assertEquals(/my|p@ss|a\?b|secret/.test(error.message), false);
  }
  const right = [
    ...["rtsp://admin:my%2Fsecret@host:554/cam", "rtsp://u:p@ss@host/x", "http://host/?mail=a@b"],
    ...[
      "http://u:p@host/x?mail=a@b",
      "http://host/@user/video",
      "rtsp://[::1]:554/a",
      "udp://@:5000",
    ],
    ...["srt://host:9000?mode=caller", "http://host:80/x#fragment"],
  ];
  for (const url of right) assertEquals(parseSource(url), { kind: "url", url });
});

test("parseSize() reads sizes", () => {
  const cases: [string, Size][] = [
    ["1280x720", { width: 1280, height: 720 }],
    ["16x16", { width: 16, height: 16 }],
    ["641x481", { width: 641, height: 481 }],
    ["x720", { height: 720 }],
    ["1280x", { width: 1280 }],
  ];
  for (const [text, size] of cases) assertEquals(parseSize(text), size, text);
  const refused = [
    ...["", "x", "720", "720p", "axb", "15x720", "1280x15", "0x0", "x0", "15x", "-16x16"],
    ...["1280X720", "1280 x 720", "1280x720x3", "1e3x720", "123456x720", "8193x720", "x8193"],
  ];
  for (const text of refused) {
    assertThrows(() => parseSize(text), UsageError, `from 16 to 8192, received "${text}"`);
  }
});
