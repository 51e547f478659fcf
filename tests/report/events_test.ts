// Every event of --json, byte for byte, and the same event in words. Programs read these events:
// a change here is a change of the interface, and belongs into docs/events.md and CHANGELOG.md.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { CallReport, type Outcome } from "../../lib/call/call_report.ts";
import { ownCamera } from "../../lib/call/own_camera.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import type { Console } from "../../lib/program/console.ts";
import type { PairingState } from "../../lib/protocol/pairing_messages.ts";
import { reportArchive, reportExported } from "../../lib/report/archive_report.ts";
import { BrokerReport } from "../../lib/report/broker_report.ts";
import { CaptureReport } from "../../lib/report/capture_report.ts";
import { rememberKey, reportRefused } from "../../lib/report/key_report.ts";
import { reportShortage } from "../../lib/report/shortage_report.ts";
import { ReceivingReport } from "../../lib/report/receiving_report.ts";
import { reportLinkedPage } from "../../lib/report/linked_page_report.ts";
import { PairingReport } from "../../lib/report/pairing_report.ts";
import { reportRecording } from "../../lib/report/recording_report.ts";
import { SendingReport } from "../../lib/report/sending_report.ts";
import { Key } from "../../lib/security/key.ts";
import { Hub } from "../../lib/send/hub.ts";
import { KeptConsole } from "../support/console.ts";
import { Folder } from "../support/folder.ts";
import { Time } from "../support/time.ts";

const KEY = Key.random();

/** What is done, its events for machines, and its lines for people. */
type Case = [act: (console: Console) => void, json: string, text: string];

/** Shows an event to machines and to people. */
function check(cases: Case[]): void {
  for (const [act, json, text] of cases) {
    const machines = new KeptConsole({ json: true });
    act(machines.console);
    assertEquals(machines.out, `${json}\n`);
    const people = new KeptConsole({ verbose: true });
    act(people.console);
    assertEquals(people.err, text === "" ? "" : `${text}\n`);
  }
}

function listener(hostname = "127.0.0.1"): Deno.TcpListener {
  return { addr: { transport: "tcp", hostname, port: 9000 } } as Deno.TcpListener;
}

Deno.test("CaptureReport prints every event as documented", () => {
  const report = (console: Console) => new CaptureReport(console, "door", true);
  const events = (console: Console) => report(console).viewerEvents(() => new Hub());
  const peer = "10.0.0.2:40000";
  check([
    [
      (console) => events(console).onConnected!(peer),
      '{"event":"viewer","state":"connected","camera":"door","peer":"10.0.0.2:40000","viewers":0}',
      "10.0.0.2:40000 connected (0 viewers)",
    ],
    [
      (console) => events(console).onLeft!(peer, "closed by the viewer", 12.3456),
      '{"event":"viewer","state":"left","camera":"door","peer":"10.0.0.2:40000","viewers":0,' +
      '"reason":"closed by the viewer","seconds":12.346}',
      "10.0.0.2:40000 disconnected after 12 s: closed by the viewer (0 viewers)",
    ],
    [
      (console) => events(console).onBehind!(peer, 7),
      '{"event":"viewer","state":"behind","camera":"door","peer":"10.0.0.2:40000","lost":7}',
      "10.0.0.2:40000 is too slow to get every frame: it lost 7 more",
    ],
    [
      (console) => report(console).note("it has no 60 fps"),
      '{"event":"note","camera":"door","message":"it has no 60 fps"}',
      "it has no 60 fps",
    ],
    [
      (console) => report(console).capture("starting"),
      '{"event":"capture","state":"starting","source":"door"}',
      "",
    ],
    [
      (console) => report(console).capture("live"),
      '{"event":"capture","state":"live","source":"door"}',
      "door is live",
    ],
    [
      (console) => report(console).capture("idle"),
      '{"event":"capture","state":"idle","source":"door"}',
      "door is off until someone watches",
    ],
    [
      (console) => report(console).capture("ended"),
      '{"event":"capture","state":"ended","source":"door"}',
      "door has ended",
    ],
    [
      (console) => report(console).capture("lost", new CamcatError("Cannot read door: unplugged")),
      '{"event":"capture","state":"lost","source":"door","reason":"Cannot read door: unplugged"}',
      "Cannot read door: unplugged. Trying again",
    ],
  ]);
});

Deno.test("CaptureReport names the camera in each line if there are several", () => {
  const kept = new KeptConsole();
  const report = new CaptureReport(kept.console, "door", false);
  report.viewerEvents(() => new Hub()).onConnected!("10.0.0.2:40000");
  report.note("it has no 60 fps");
  report.capture("live");
  assertEquals(kept.err.split("\n"), [
    "door: 10.0.0.2:40000 connected (0 viewers)",
    "door: it has no 60 fps",
    "door is live",
    "",
  ]);
  assert(report.status(new Hub())().text.startsWith("door: "));
});

Deno.test("CaptureReport gives figures of the last second", async () => {
  using time = new Time();
  const { console } = new KeptConsole();
  const hub = new Hub();
  const report = new CaptureReport(console, "door", true);
  const status = report.status(hub);
  for (let count = 0; count < 30; count++) {
    hub.publish(Frame.from(new Uint8Array(100), { time: 0 }));
  }
  hub.latencyMs.add(12.5);
  report.broken();
  await time.pass(1000);
  const { text, json } = status();
  assertEquals(
    text,
    "[idle] 30.0 fps  0.0 Mbit/s  0 viewers  latency p50 12.5 ms p99 12.5 ms  0 dropped  1 broken",
  );
  assertEquals(
    JSON.stringify(json),
    '{"camera":"door","state":"idle","fps":30,"mbit_per_s":0,"viewers":0,"frames":30,"dropped":0,' +
      '"broken":1,"latency_p50_ms":12.5,"latency_p99_ms":12.5}',
  );
  report.capture("live");
  await time.pass(1000);
  assert(status().text.startsWith("0.0 fps"));
  await hub.close("");
});

Deno.test("SendingReport prints every event as documented", () => {
  const report = (console: Console) => new SendingReport(console, ["door", "yard"]);
  const http = {
    address: { hostname: "127.0.0.1", port: 8080 },
    names: [],
    scheme: "http",
  } as const;
  check([
    [
      (console) => report(console).listening(listener(), KEY),
      '{"event":"listening","port":9000,"addresses":["127.0.0.1:9000"],"open":false,' +
      '"cameras":["door","yard"]}',
      "Sending door, yard. Only viewers with the key can watch. On the other machine run:\n" +
      "  receiver 127.0.0.1:9000/KEY\nTo see KEY, run `sender --show-key` on this machine",
    ],
    [
      (console) => report(console).listening(listener(), undefined),
      '{"event":"listening","port":9000,"addresses":["127.0.0.1:9000"],"open":true,' +
      '"cameras":["door","yard"]}',
      "Sending door, yard, OPEN: anyone who can reach this machine can watch. " +
      "On the other machine run:\n  receiver 127.0.0.1:9000",
    ],
    [
      (console) => report(console).http({ ...http, key: KEY, token: "secret" }),
      '{"event":"http","port":8080,"url":"http://127.0.0.1:8080/","urls":["http://127.0.0.1:8080/"],' +
      '"open":false}',
      "In a browser:\n  http://127.0.0.1:8080/#KEY\nIn other programs:\n" +
      "  ffplay http://camcat:TOKEN@127.0.0.1:8080/stream.mjpg\n" +
      '  curl -H "Authorization: Bearer TOKEN" -o snapshot.jpg http://127.0.0.1:8080/snapshot.jpg\n' +
      "To see KEY and TOKEN, run `sender --show-key` and `sender --show-token` on this machine",
    ],
    [
      (console) => report(console).pushing({ hostname: "10.0.0.2", port: 9000 }),
      '{"event":"pushing","to":"10.0.0.2:9000"}',
      "Pushing door, yard to 10.0.0.2:9000",
    ],
    [
      (console) => report(console).pushFailed("Cannot connect to 10.0.0.2:9000: nothing listens"),
      '{"event":"push-failed","reason":"Cannot connect to 10.0.0.2:9000: nothing listens"}',
      "Cannot connect to 10.0.0.2:9000: nothing listens. Trying again",
    ],
  ]);
});

Deno.test("SendingReport shows keys and the QR code on a terminal only", () => {
  const http = {
    address: { hostname: "10.0.0.1", port: 8080 },
    names: [],
    scheme: "http",
  } as const;
  for (const isTerminal of [true, false]) {
    const kept = new KeptConsole({}, isTerminal);
    const report = new SendingReport(kept.console, ["door"]);
    report.listening(listener(), KEY);
    report.http({ ...http, key: KEY, token: "T0KEN" });
    assertEquals(kept.err.includes(`receiver 127.0.0.1:9000/${KEY.text}\n`), isTerminal);
    assertEquals(kept.err.includes("Bearer T0KEN"), isTerminal);
    assertEquals(kept.err.includes("\u2588"), isTerminal);
    assert(kept.err.includes("HTTP is not encrypted: use it in a network you trust"));
  }
});

Deno.test("ReceivingReport prints every event as documented", () => {
  const report = (console: Console) => new ReceivingReport(console);
  const yard = (console: Console) => new ReceivingReport(console, "yard");
  const live = { type: "stream", name: "yard", live: true, reason: "" } as const;
  check([
    [
      (console) => report(console).connecting("10.0.0.1:9000"),
      '{"event":"connecting","to":"10.0.0.1:9000"}',
      "Connecting to 10.0.0.1:9000",
    ],
    [
      (console) =>
        report(console).webcam("/dev/video9", "camcat", { width: 640, height: 360, fps: 15 }),
      '{"event":"webcam","device":"/dev/video9","name":"camcat","width":640,"height":360,"fps":15}',
      "Other programs see the webcam camcat (/dev/video9), 640x360 at 15 fps",
    ],
    [
      (console) => report(console).listening(listener(), KEY),
      '{"event":"listening","port":9000,"addresses":["127.0.0.1:9000"],"open":false}',
      "Waiting for a sender. On the camera's machine run:\n" +
      "  sender --push 127.0.0.1:9000/KEY\nTo see KEY, run `sender --show-key` on this machine",
    ],
    [
      (console) => report(console).listening(listener(), undefined),
      '{"event":"listening","port":9000,"addresses":["127.0.0.1:9000"],"open":true}',
      "Waiting for a sender, OPEN: anyone who can reach this machine can send. " +
      "On the camera's machine run:\n  sender --push 127.0.0.1:9000",
    ],
    [
      (console) => report(console).connection({ type: "connected", encrypted: true }),
      '{"event":"connection","state":"connected","encrypted":true}',
      "",
    ],
    [
      (console) => report(console).connection(live),
      '{"event":"connection","state":"stream","name":"yard","live":true,"reason":""}',
      "Receiving yard, not encrypted",
    ],
    [
      (console) =>
        report(console).connection({ ...live, sound: { channels: 1, live: true, reason: "" } }),
      '{"event":"connection","state":"stream","name":"yard","live":true,"reason":"",' +
      '"sound":{"channels":1,"live":true,"reason":""}}',
      "Receiving yard and its sound, not encrypted",
    ],
    [
      (console) => yard(console).sound({ type: "playing", player: "pacat" }),
      '{"event":"sound","state":"playing","camera":"yard","player":"pacat"}',
      "Playing the sound",
    ],
    [
      (console) => report(console).sound({ type: "failed", reason: "ffplay: it has exited" }),
      '{"event":"sound","state":"failed","reason":"ffplay: it has exited"}',
      "Cannot play the sound: ffplay: it has exited. The picture goes on",
    ],
    [
      (console) => report(console).connection({ ...live, live: false, reason: "It is unplugged" }),
      '{"event":"connection","state":"stream","name":"yard","live":false,"reason":"It is unplugged"}',
      "yard is not live. It is unplugged",
    ],
    [
      (console) => report(console).connection({ type: "silent", reason: "It does not answer" }),
      '{"event":"connection","state":"silent","reason":"It does not answer"}',
      "It does not answer. The last picture is not live any more",
    ],
    [
      (console) => report(console).connection({ type: "heard" }),
      '{"event":"connection","state":"heard"}',
      "",
    ],
    [
      (console) => yard(console).connection({ type: "lost", reason: "Cannot go on: it is closed" }),
      '{"event":"connection","state":"lost","camera":"yard","reason":"Cannot go on: it is closed"}',
      "Cannot go on: it is closed. Trying again",
    ],
    [
      (console) => report(console).motion({ type: "began", by: "picture", score: 12.34567 }),
      '{"event":"motion","state":"began","by":"picture","score":12.346}',
      "Motion in 12.3 % of the picture",
    ],
    [
      (console) => report(console).motion({ type: "began", by: "sound", levelDb: -18 }),
      '{"event":"motion","state":"began","by":"sound","db":-18}',
      "Loud sound, -18 dB",
    ],
    [
      (console) => yard(console).deaf(),
      '{"event":"sound","state":"none","camera":"yard"}',
      "Cannot listen for loud sound: the camera sends no sound",
    ],
    [
      (console) => yard(console).motion({ type: "ended", durationMs: 12_345.6 }),
      '{"event":"motion","state":"ended","camera":"yard","seconds":12.346}',
      "Motion ended after 0:12",
    ],
  ]);
});

Deno.test("ReceivingReport gives figures of the last second", async () => {
  using time = new Time();
  const report = new ReceivingReport(new KeptConsole().console, "yard");
  assert(report.status().text.startsWith("yard: [connecting] 0.0 fps"));
  const frame = Frame.from(new Uint8Array(1000), { time: 0 });
  const capturedAt = performance.timeOrigin + performance.now() - 20;
  for (let count = 0; count < 30; count++) {
    report.frame({ frame, capturedAt, live: true, dropped: 1 });
  }
  report.motion({ type: "began", by: "picture", score: 1 });
  await time.pass(1000);
  const { text, json } = report.status();
  assertEquals(
    text,
    "yard: [motion] 30.0 fps  0.2 Mbit/s  latency p50 20.0 ms p99 20.0 ms  30 dropped",
  );
  assertEquals(
    JSON.stringify(json),
    '{"camera":"yard","state":"live","motion":true,"fps":30,"mbit_per_s":0.24,"frames":30,' +
      '"dropped":30,"latency_p50_ms":20,"latency_p99_ms":20}',
  );
  report.connection({ type: "silent", reason: "" });
  assert(report.status().text.startsWith("yard: [not live] [motion] "));
  report.connection({ type: "heard" });
  assert(report.status().text.startsWith("yard: [motion] "));
  report.connection({ type: "lost", reason: "" });
  assert(report.status().text.startsWith("yard: [lost] [motion] "));
  frame.release();
});

Deno.test("reportRecording() prints every event as documented", () => {
  const file = "yard.mkv";
  const lost = { lostFrames: 12, lostMs: 400 };
  check([
    [
      (console) => reportRecording(console)({ type: "started", file }),
      '{"event":"recording","state":"started","file":"yard.mkv"}',
      "Recording to yard.mkv",
    ],
    [
      (console) => reportRecording(console)({ type: "silent", extension: ".mjpeg" }),
      '{"event":"recording","state":"silent","extension":".mjpeg"}',
      "Recording without the sound: .mjpeg holds only pictures. Use .mkv or .mp4",
    ],
    [
      (console) =>
        reportRecording(console)({ type: "paused", reason: "no space left on the disk" }),
      '{"event":"recording","state":"paused","reason":"no space left on the disk"}',
      "Recording paused: no space left on the disk. The live picture continues; " +
      "recording resumes when it can",
    ],
    [
      (console) => reportRecording(console)({ type: "resumed", file, ...lost }),
      '{"event":"recording","state":"resumed","file":"yard.mkv","lostFrames":12,"lostMs":400}',
      "Recording resumed. 12 frames are missing, 0.4 s",
    ],
    [
      (console) => reportRecording(console)({ type: "resumed", file, lostFrames: 0, lostMs: 0 }),
      '{"event":"recording","state":"resumed","file":"yard.mkv","lostFrames":0,"lostMs":0}',
      "Recording resumed. Nothing is missing",
    ],
    [
      (console) =>
        reportRecording(console)({ type: "ended", file, frames: 90, bytes: 1e6, durationMs: 3000 }),
      '{"event":"recording","state":"ended","file":"yard.mkv","frames":90,"bytes":1000000,' +
      '"durationMs":3000}',
      "Recorded yard.mkv: 0:03, 90 frames, 1.0 MB",
    ],
    [
      (console) => reportRecording(console)({ type: "gone", file, how: "deleted", ...lost }),
      '{"event":"recording","state":"gone","file":"yard.mkv","how":"deleted","lostFrames":12,' +
      '"lostMs":400}',
      "yard.mkv was deleted. 12 frames are missing, 0.4 s. Recording goes on in a new file",
    ],
    [
      (console) => reportRecording(console)({ type: "incomplete", ...lost }),
      '{"event":"recording","state":"incomplete","lostFrames":12,"lostMs":400}',
      "The recording ended incomplete: 12 frames are missing, 0.4 s",
    ],
    [
      (console) => reportRecording(console)({ type: "deleted", file }),
      '{"event":"recording","state":"deleted","file":"yard.mkv"}',
      "Deleted yard.mkv (--keep)",
    ],
    [
      (console) => reportRecording(console)({ type: "kept", reason: "permission denied" }),
      '{"event":"recording","state":"kept","reason":"permission denied"}',
      "Cannot delete old recordings: permission denied",
    ],
  ]);
});

Deno.test("reportRefused() prints its event as documented", () => {
  check([
    [
      (console) => reportRefused(console)("10.0.0.9", "it has no key", 1),
      '{"event":"refused","address":"10.0.0.9","reason":"it has no key","failures":1}',
      "10.0.0.9 was refused: it has no key",
    ],
    [
      (console) => reportRefused(console)("10.0.0.9", "it has no key", 100),
      '{"event":"refused","address":"10.0.0.9","reason":"it has no key","failures":100}',
      "10.0.0.9 was refused: it has no key (100 times)",
    ],
  ]);
});

Deno.test("BrokerReport prints every event as documented", () => {
  const report = (console: Console) => new BrokerReport(console);
  check([
    [
      (console) => report(console).publisher("door", { type: "publishing", to: "redis://broker" }),
      '{"event":"broker","camera":"door","state":"publishing","to":"redis://broker"}',
      "Publishing door at redis://broker",
    ],
    [
      (console) => report(console).publisher("door", { type: "up", broker: "10.0.0.9:6379" }),
      '{"event":"broker","camera":"door","state":"up","broker":"10.0.0.9:6379"}',
      "The broker 10.0.0.9:6379 is there",
    ],
    [
      (console) => report(console).publisher("door", { type: "down", reason: "Cannot connect" }),
      '{"event":"broker","camera":"door","state":"down","reason":"Cannot connect"}',
      "Cannot connect. Trying again",
    ],
    [
      (console) => report(console).publisher("door", { type: "watched", edges: 1 }),
      '{"event":"broker","camera":"door","state":"watched","edges":1}',
      "door is watched at 1 edge",
    ],
    [
      (console) => report(console).publisher("door", { type: "heard", edges: 2 }),
      '{"event":"broker","camera":"door","state":"heard","edges":2}',
      "The sound of door is heard at 2 edges",
    ],
    [
      (console) => report(console).publisher("door", { type: "advice", text: "Set it" }),
      '{"event":"broker","camera":"door","state":"advice","message":"Set it"}',
      "Set it",
    ],
    [
      (console) => report(console).edge("door", { type: "up", broker: "10.0.0.9:6379" }),
      '{"event":"broker","camera":"door","state":"up","broker":"10.0.0.9:6379"}',
      "The broker 10.0.0.9:6379 is there",
    ],
    [
      (console) => report(console).edge("door", { type: "refused", why: "repeated", messages: 7 }),
      '{"event":"broker","camera":"door","state":"refused","why":"repeated","messages":7}',
      "door: 7 messages at the broker were recorded and sent again, and were ignored",
    ],
    [
      (console) => report(console).edge("door", { type: "advice", text: "Set it" }),
      '{"event":"broker","camera":"door","state":"advice","message":"Set it"}',
      "Set it",
    ],
  ]);
});

Deno.test("CallReport prints every event as documented", () => {
  const report = (console: Console) => new CallReport(console, false);
  const terminal = (console: Console) => new CallReport(console, true);
  const notAccepted = (outcome: Outcome, isOurs: boolean, text: string): Case => [
    (console) => report(console).ended(outcome, "office", isOurs),
    `{"event":"not-accepted","outcome":"${outcome}","name":"office"}`,
    text,
  ];
  check([
    [
      (console) => report(console).listening(listener(), KEY),
      '{"event":"listening","port":9000,"addresses":["127.0.0.1:9000"],"open":false}',
      "Waiting for a call. Only those with the key can call. On the other machine run:\n" +
      "  call 127.0.0.1:9000/KEY\nTo see KEY, run `sender --show-key` on this machine",
    ],
    [
      (console) => report(console).calling("10.0.0.1:9001"),
      '{"event":"calling","to":"10.0.0.1:9001"}',
      "Calling 10.0.0.1:9001",
    ],
    [
      (console) => terminal(console).calling("10.0.0.1:9001"),
      '{"event":"calling","to":"10.0.0.1:9001"}',
      "Calling 10.0.0.1:9001 (q gives up)",
    ],
    [
      (console) => report(console).ringing("office", "10.0.0.2:40000", true),
      '{"event":"ringing","name":"office","peer":"10.0.0.2:40000"}',
      "office (10.0.0.2:40000) calls. Accept? y/n",
    ],
    [
      (console) => report(console).ringing("office", "10.0.0.2:40000", false),
      '{"event":"ringing","name":"office","peer":"10.0.0.2:40000"}',
      "office (10.0.0.2:40000) calls",
    ],
    [
      (console) => report(console).accepted("office"),
      '{"event":"accepted","name":"office"}',
      "The call with office has begun",
    ],
    [
      (console) => terminal(console).accepted("office"),
      '{"event":"accepted","name":"office"}',
      "The call with office has begun. q hangs up, m mutes the microphone",
    ],
    notAccepted("refused", true, "You have refused the call of office"),
    notAccepted("refused", false, "office has refused the call"),
    notAccepted("busy", true, "office has called, and was told that you are busy"),
    notAccepted("busy", false, "office is busy"),
    notAccepted("no answer", true, "You have missed a call of office"),
    notAccepted("no answer", false, "office does not answer"),
    notAccepted("given up", true, "You have given up"),
    [
      (console) => report(console).echo(true),
      '{"event":"echo","cancelled":true}',
      "The sound server cancels the echo",
    ],
    [
      (console) => report(console).echo(false),
      '{"event":"echo","cancelled":false}',
      "The echo is not cancelled here: use headphones, or the other end hears itself",
    ],
    [(console) => report(console).picture("office"), '{"event":"picture","name":"office"}', ""],
    [
      (console) => report(console).muted(true),
      '{"event":"muted","muted":true}',
      "Your microphone is muted",
    ],
    [
      (console) => report(console).muted(false),
      '{"event":"muted","muted":false}',
      "Your microphone is heard again",
    ],
    [
      (console) => report(console).lost("office", "it is cut", 30_000),
      '{"event":"line","state":"lost","name":"office","reason":"it is cut"}',
      "The connection to office is lost: it is cut. Waiting for it for 30 s",
    ],
    [
      (console) => report(console).back("office"),
      '{"event":"line","state":"back","name":"office"}',
      "office is back",
    ],
    [
      (console) => report(console).over("office", "us"),
      '{"event":"hangup","name":"office","by":"us"}',
      "You have hung up: the call with office is over",
    ],
    [
      (console) => report(console).over("office", "them"),
      '{"event":"hangup","name":"office","by":"them"}',
      "office has hung up",
    ],
    [
      (console) => report(console).over("office", "lost"),
      '{"event":"hangup","name":"office","by":"lost"}',
      "The call with office is over: the connection did not come back",
    ],
  ]);
});

Deno.test("ownCamera() says that there is no camera, unless one was named", async () => {
  const none = () => Promise.reject(new CamcatError("Cannot find a camera"));
  const kept = new KeptConsole({ json: true });
  assertEquals(await ownCamera(undefined, none, kept.console), undefined);
  assertEquals(kept.out, '{"event":"no-camera","reason":"Cannot find a camera"}\n');
  await assertRejects(() => ownCamera("yard", none, kept.console), CamcatError);
});

Deno.test("PairingReport prints every event as documented, and names its program", () => {
  for (const program of ["sender", "call"] as const) {
    const report = (console: Console) => new PairingReport(console, program);
    const guests = program === "call"
      ? "A caller without the key"
      : "A receiver or a page without the key";
    const news = (state: PairingState, tries: number, text: string): Case => [
      (console) => report(console).news({ state, peer: "10.0.0.2", tries }),
      `{"event":"pairing","state":"${state}","peer":"10.0.0.2","tries":${tries}}`,
      text,
    ];
    check([
      [
        (console) => report(console).code("123456"),
        '{"event":"pairing","state":"open","peer":"","tries":3}',
        `${guests} asks for this code. It works once, within 2 minutes, and may be tried 3 times:` +
        "\n  123 456",
      ],
      [
        (console) => report(console).invited("10.0.0.2"),
        '{"event":"pairing","state":"open","peer":"10.0.0.2","tries":3}',
        `\`${program} --pair\` at 10.0.0.2 shows a code for a new ` +
        (program === "call" ? "caller" : "receiver"),
      ],
      news("paired", 2, "Paired: 10.0.0.2 has the key now"),
      news("wrong", 2, "10.0.0.2 tried a wrong code; 2 tries are left"),
      news("wrong", 1, "10.0.0.2 tried a wrong code; 1 try is left"),
      news("expired", 3, `The code has expired. Run \`${program} --pair\` for another one`),
      news(
        "used up",
        0,
        "10.0.0.2 tried a wrong code. That was the last try: the code is not valid any more. Run " +
          `\`${program} --pair\` for another one; if it was not you, somebody guesses`,
      ),
      news("withdrawn", 3, "The code is not valid any more"),
    ]);
  }
});

Deno.test("reportArchive() and reportExported() print their events as documented", () => {
  const page = {
    address: { hostname: "127.0.0.1", port: 8081 },
    names: [],
    key: KEY,
    token: "T0KEN",
  };
  const json = '{"event":"http","port":8081,"url":"http://127.0.0.1:8081/",' +
    '"urls":["http://127.0.0.1:8081/"],"open":false}';
  const done = { share: 1, frames: 90, durationMs: 83_000, gaps: 2 };
  check([
    [
      (console) => reportArchive(console, { ...page, hasTrigger: false }),
      json,
      "The recordings, in a browser:\n  http://127.0.0.1:8081/#KEY\n" +
      "To see KEY, run `sender --show-key` on this machine",
    ],
    [
      (console) => reportArchive(console, { ...page, hasTrigger: true }),
      json,
      "The recordings, in a browser:\n  http://127.0.0.1:8081/#KEY\n" +
      "To trigger a recording:\n" +
      '  curl -X POST -H "Authorization: Bearer TOKEN" ' +
      "'http://127.0.0.1:8081/trigger?reason=bell'\n" +
      "To see KEY and TOKEN, run `sender --show-key` and `sender --show-token recordings` on this " +
      "machine",
    ],
    [
      (console) => reportExported(console, "yard.mkv", done),
      '{"event":"exported","file":"yard.mkv","percent":100,"exported_s":83,"frames":90,"gaps":2}',
      "Exported 1:23 to yard.mkv; 2 gaps without a recording cut out",
    ],
    [
      (console) => reportExported(console, "yard.mkv", { ...done, gaps: 1 }),
      '{"event":"exported","file":"yard.mkv","percent":100,"exported_s":83,"frames":90,"gaps":1}',
      "Exported 1:23 to yard.mkv; 1 gap without a recording cut out",
    ],
    [
      (console) => reportExported(console, "yard.mkv", { ...done, gaps: 0 }),
      '{"event":"exported","file":"yard.mkv","percent":100,"exported_s":83,"frames":90,"gaps":0}',
      "Exported 1:23 to yard.mkv",
    ],
  ]);
});

Deno.test("reportShortage() prints its event as documented", () => {
  check([[
    (console) => reportShortage(console)("Cannot accept"),
    '{"event":"shortage","reason":"Cannot accept"}',
    "Cannot accept",
  ]]);
});

Deno.test("rememberKey() prints once that a key was saved, and why it could not be", async () => {
  await using folder = new Folder();
  const before = Deno.env.get("XDG_CONFIG_HOME");
  const address = { hostname: "10.0.0.1", port: 9000 };
  const remember = (from: "given" | "own") => {
    const kept = new KeptConsole({ json: true });
    rememberKey(kept.console, address, { key: KEY, from });
    return kept.out;
  };
  try {
    Deno.env.set("XDG_CONFIG_HOME", folder.path);
    assertEquals(remember("own"), "");
    assertEquals(remember("given"), '{"event":"remembered","to":"10.0.0.1:9000"}\n');
    assertEquals(remember("given"), "");
    Deno.env.set("XDG_CONFIG_HOME", "/dev/null");
    const { event, to, reason, ...rest } = JSON.parse(remember("given"));
    assertEquals([event, to, rest], ["not-remembered", "10.0.0.1:9000", {}]);
    assert(reason.startsWith("Cannot "), reason);
  } finally {
    if (before === undefined) Deno.env.delete("XDG_CONFIG_HOME");
    else Deno.env.set("XDG_CONFIG_HOME", before);
  }
});

Deno.test("reportLinkedPage() says where the page is, and what the browser will warn of", () => {
  const address = { hostname: "127.0.0.1", port: 8443 };
  const told = {
    ...{ page: "phone", scheme: "https", address, names: [] } as const,
    token: "a-token",
    fingerprint: "AB:CD",
  };
  const machines = new KeptConsole({ json: true });
  reportLinkedPage(machines.console, told);
  assertEquals(
    machines.out,
    '{"event":"phone","port":8443,"urls":["https://127.0.0.1:8443/"],"fingerprint":"AB:CD"}\n',
  );
  const log = new KeptConsole({});
  reportLinkedPage(log.console, told);
  assert(
    !log.err.includes("a-token") && log.err.includes("https://127.0.0.1:8443/#TOKEN"),
    log.err,
  );
  assert(log.err.includes("sender --show-token phone") && log.err.includes("AB:CD"), log.err);
  const trusted = new KeptConsole({});
  reportLinkedPage(trusted.console, { ...told, names: ["cam.example"], fingerprint: undefined });
  assert(trusted.err.includes("https://cam.example:8443/#TOKEN"), trusted.err);
  assert(!trusted.err.includes("not private"), trusted.err);
});

Deno.test("docs/events.md names every event that the programs print", async () => {
  const root = new URL("../../", import.meta.url);
  const docs = await Deno.readTextFile(new URL("docs/events.md", root));
  const named = new Set([...docs.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name));
  named.add("stats"); // has a paragraph, not a row
  const printed = new Set<string>();
  const folders = [
    "",
    "lib/program/",
    "lib/pairing/",
    "lib/record/",
    "lib/report/",
    "lib/find/",
    "lib/sources/",
    "lib/call/",
    "lib/cli/",
  ];
  for (const folder of folders.map((path) => new URL(path, root))) {
    for (const { name } of Deno.readDirSync(folder)) {
      if (!name.endsWith(".ts")) continue;
      const text = await Deno.readTextFile(new URL(name, folder));
      for (const [, event] of text.matchAll(/\bevent: "([\w-]+)"/g)) printed.add(event);
    }
  }
  assertEquals([...printed].sort(), [...named].sort());
});
