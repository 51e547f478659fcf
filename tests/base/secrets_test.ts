// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { CamcatError, KeyError, ProtocolError, UsageError } from "../../lib/base/errors.ts";
import { encodeKey } from "../../lib/base/key_text.ts";
import { withoutSecrets } from "../../lib/base/secrets.ts";
import { cut, safeText } from "../../lib/base/text.ts";
import { fuzz, type Random } from "../support/random.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

function bytes(random: Random, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.below(256));
}

/** The places in which a text can stand on a command line or in a message. */
const PLACES: ((text: string) => string)[] = [
  (text) => text,
  (text) => `Cannot use "${text}": it must be HOST`,
  (text) => `received ${text}. Try again`,
  (text) => `host:9000/${text}/camera`,
  (text) => `http://192.168.1.20:8080/#${text}`,
  (text) => `--name=${text},${text}`,
  (text) => `the camera ${text} is live`,
];

function assertHidden(secret: string, shown = secret): void {
  for (const place of PLACES) {
    const safe = withoutSecrets(place(shown));
    // Nothing is left that is long enough to be of use.
    for (let at = 0; at + 8 <= secret.length; at++) {
      assert(!safe.includes(secret.slice(at, at + 8)), `${safe} shows part of ${secret}`);
    }
    assert(safe.includes("***"), safe);
  }
}

test("withoutSecrets() hides every key, however it is written", () => {
  fuzz(200, (random) => {
    const key = encodeKey(bytes(random, 16));
    const plain = key.replaceAll("-", "");
    const lookAlikes = plain.replaceAll("0", "O").replaceAll("l", "1");
    for (const text of [key, key.toUpperCase(), plain, key.replaceAll("-", " "), lookAlikes]) {
      assertHidden(text);
    }
    assertHidden(plain.slice(0, 20), `${plain.slice(0, 20)} - ${plain.slice(20)}`);
    const after = `a${plain}b`;
    assert(!withoutSecrets(after).includes(plain), "also within a longer word");
  });
});

test("withoutSecrets() hides what looks like a mistyped key", () => {
  fuzz(200, (random) => {
    const key = encodeKey(bytes(random, 16));
    const at = random.below(key.length);
    const mistyped = [
      key.slice(0, at) + "b" + key.slice(at + 1),
      key.slice(0, at) + key.slice(at + 1),
      key.slice(0, at) + "qq" + key.slice(at),
      key.slice(5),
      key.slice(0, -5),
      key.replaceAll("-", "").slice(1),
      key.replaceAll("-", "") + "q",
    ];
    for (const text of mistyped) {
      const safe = withoutSecrets(`Cannot find "${text}"`);
      // One of a few thousand keys has hardly any digits, and could be words.
      const digits = text.replace(/[^0-9]/g, "").length;
      assert(digits < 5 || !safe.includes(text), safe);
    }
  });
});

test("withoutSecrets() hides tokens of links", () => {
  fuzz(200, (random) => {
    const until = [0, 0x69 + random.below(8)]; // the first bytes of the time, from 2025 on
    const token = Uint8Array.from([...until, ...bytes(random, 27)])
      .toBase64({ alphabet: "base64url", omitPadding: true });
    assertHidden(token);
  });
});

test("withoutSecrets() hides tokens of HTTP", () => {
  fuzz(200, (random) => {
    const token = bytes(random, 32).toBase64({ alphabet: "base64url", omitPadding: true });
    assertHidden(token);
    for (
      const text of [`Bearer ${token}`, `token=${token.slice(3)}`, `http://camcat:${token}@h/`]
    ) {
      assert(!withoutSecrets(text).includes(token.slice(3)), text);
    }
  });
});

test("withoutSecrets() removes user, password and query of URLs", () => {
  const cases: [string, string][] = [
    ["rtsp://user:pw@host/live", "rtsp://host/live"],
    ["Cannot open rtsp://user:pw@host: refused", "Cannot open rtsp://host: refused"],
    ["rtsp://user:p@ss@host/live", "rtsp://host/live"],
    ["rtsp://admin:my/secret@host/cam", "rtsp://***@host/cam"],
    ["rtsp://admin:p@ss#1@host/cam", "rtsp://***@host/cam"],
    ["rtsp://admin:12?34@host/cam", "rtsp://***@host/cam"],
    ["rtsp://admin:my secret@host/cam", "rtsp://***@host/cam"],
    ["http://host/x?user=a&pwd=b c", "http://host/x?*** c"],
    ["admin:secret@192.168.1.9/live", "***@192.168.1.9/live"],
    ["/user=admin_password=abc_channel=1", "/user=admin_password=***"],
    ["CAMCAT_KEY=abc", "CAMCAT_KEY=***"],
    ["srt://host:1?passphrase=abc", "srt://host:1?***"],
    ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"],
    ["a:b@c d:e@f", "***@c ***@f"],
  ];
  for (const [text, safe] of cases) assertEquals(withoutSecrets(text), safe, text);
});

test("withoutSecrets() keeps everything else", () => {
  const texts = [
    "Cannot start ffmpeg: it is not installed: no folder in PATH has it (/usr/bin:/bin)",
    "/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_8E3F1A2B-video-index0",
    "usb-Generic_USB2.0_Camera_200901010001-video-index0",
    "/recordings/2026-11-26_11-08-10.mkv",
    "2026-11-26-11-08-10.jpg",
    "door, yard, cam1-back-yard and front-door-cam2",
    "that they have been with 1000 more than that from what this door said",
    "0f8fad5b-d9cb-469f-a165-70867728950e",
    "d41d8cd98f00b204e9800998ecf8427e",
    "[rtsp @ 0x55d0c8f3a2c0] method DESCRIBE failed: 401 Unauthorized",
    "[fe80::1%eth0]:9000 and 192.168.1.20:9000 (3 viewers)",
    "sender/receiver: 29.7 fps  12.3 Mbit/s  latency p50 4.2 ms p99 12.3 ms",
    "http://host:8080/stream.mjpg and rtsp://host:554/Streaming/Channels/101",
    "ffmpeg -f mjpeg -i pipe:0 -vf scale=1280:720 unix:/tmp/camcat-0123456789abcdef/frames",
    "@device_pnp_\\\\?\\usb#vid_046d&pid_0825&mi_00#7&1a2b3c4d&0&0000#{65e8773d-8f56-11d0}\\global",
    "mail to somebody@example.com at 12:30",
  ];
  for (const text of texts) assertEquals(withoutSecrets(text), text);
});

test("withoutSecrets() copes with any text, and twice is the same as once", () => {
  const pieces = ["a1", "a-", "a1-", "a:", "@", "a:b@", "http://", "x=", "a ", "\t", "?@#/", ":a@"];
  for (const piece of pieces) {
    const safe = withoutSecrets(piece.repeat(5000)); // not in quadratic time
    assertEquals(withoutSecrets(safe), safe);
  }
  fuzz(500, (random) => {
    const letters = 'aZ09 -@:/?#=._"\n';
    const text = Array.from({ length: random.below(300) }, () => random.pick([...letters])).join(
      "",
    );
    const safe = withoutSecrets(text);
    assertEquals(withoutSecrets(safe), safe, JSON.stringify(text));
  });
});

test("errors of all kinds hide secrets", () => {
  const key = encodeKey(new Uint8Array(16).fill(7));
  const message = `Cannot use ${key} of rtsp://a:b@c`;
  const details = `line 1 ${key}\nline 2`;
  const errors = [
    new CamcatError(message, { details }),
    new KeyError("wrong", message),
    new UsageError(message),
    new ProtocolError(message),
  ];
  for (const error of errors) assertEquals(error.message, "Cannot use *** of rtsp://c");
  assertEquals((errors[0] as CamcatError).details, "line 1 ***\nline 2");
});

test("safeText() hides secrets and replaces control and format characters", () => {
  assertEquals(safeText("a\x1b[2J\nb\u202ec rtsp://u:p@h"), "a\ufffd[2J\ufffdb\ufffdc rtsp://h");
  assertEquals(cut("x".repeat(300)).length, 200);
});
