// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertMatch } from "@std/assert";
import { TLS_NAME } from "../../lib/security/certificate.ts";
import { httpSecretsOf, identityOf } from "../../lib/security/identity.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { type Program, programTest, startSender, TEST_KEY } from "../support/programs.ts";
import { skipped } from "../support/skipped.ts";

const { token } = await httpSecretsOf(TEST_KEY);

/** Starts a sender with `--http`. @returns it, and the address of its page */
async function startHttp(args: string[]): Promise<{ sender: Program; url: string }> {
  const sender = startSender(["--http=0", ...args]);
  const { url } = await sender.event(({ event }) => event === "http");
  return { sender, url };
}

/** The same address with a login, as players take it. */
function withLogin(url: string): string {
  return url.replace("://", `://camcat:${token}@`);
}

/** Runs a program to its end. */
async function run(program: string, args: string[]): Promise<string> {
  const output = await new Deno.Command(program, { args, stderr: "piped" }).output();
  const stderr = new TextDecoder().decode(output.stderr);
  assertEquals(output.code, 0, `${program}: ${stderr}`);
  return new TextDecoder().decode(output.stdout);
}

/** Whether a program is installed and exits with status 0. */
function works(program: string, args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

programTest("curl, ffprobe and mpv open what the sender serves over HTTP", async () => {
  const { sender, url } = await startHttp(["test", "--size=320x240", "--on-demand", "--linger=1"]);
  await using _ = sender;
  await using folder = new Folder();
  assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assertEquals(JSON.stringify(sender.events).includes(TEST_KEY.text), false);
  assertEquals(JSON.stringify(sender.events).includes(token), false);

  const curl = (...args: string[]) => run("curl", ["-sS", "--max-time", "60", ...args]);
  assertEquals(await curl(`${url}healthz`), "ok\n");
  assertEquals(await curl("-o", "/dev/null", "-w", "%{http_code}", `${url}snapshot.jpg`), "401");
  const state = (name: string) => sender.event((it) => it.event === "capture" && it.state === name);
  await state("idle");
  const snapshot = `${folder.path}/snapshot.jpg`;
  await curl("-H", `Authorization: Bearer ${token}`, "-o", snapshot, `${url}snapshot.jpg`);
  await state("live");
  await ffmpeg(["-i", snapshot, "-f", "null", "-"]);

  const probe = [
    "-v",
    "error",
    "-of",
    "csv=p=0",
    "-show_entries",
    "stream=codec_name,width,height",
  ];
  const stream = `${withLogin(url)}stream.mjpg`;
  assertEquals((await run("ffprobe", [...probe, stream])).trim(), "mjpeg,320,240");
  if (works("mpv", ["--version"])) {
    const quiet = ["--no-config", "--vo=null", "--ao=null", "--really-quiet"];
    await run("mpv", [...quiet, "--frames=20", stream]);
  } else skipped("mpv is not installed");
  const lastLive = sender.events.findLastIndex((it) => it.state === "live");
  await sender.event((it) => it.state === "idle", lastLive);

  const metrics = await curl("-u", `x:${token}`, `${url}metrics`);
  assertMatch(metrics, /^camcat_frames_total\{camera="test"\} [1-9]\d*$/m);
  assertEquals(await sender.stop(), 0);
});

const PYTHON = ["/usr/bin/python3", "python3"].find((python) =>
  works(python, ["-c", "import cv2"])
);
if (PYTHON === undefined) {
  skipped("OpenCV (python3-opencv) is not installed");
}

const CLIENT = new URL("../../examples/opencv_client.py", import.meta.url).pathname;

programTest("OpenCV opens what the sender serves over HTTP", async () => {
  const { sender, url } = await startHttp(["test", "--size=320x240"]);
  await using _ = sender;
  const said = await run(PYTHON!, [CLIENT, `${withLogin(url)}stream.mjpg`, "10"]);
  assertMatch(said, /^(320x240, brightness \d+\n){10}$/);
}, PYTHON === undefined);

programTest("sender serves https with the user's certificate", async () => {
  await using folder = new Folder();
  const [cert, key] = [`${folder.path}/cert.pem`, `${folder.path}/key.pem`];
  const { certificate, privateKey } = await identityOf(TEST_KEY);
  await Deno.writeTextFile(cert, certificate);
  await Deno.writeTextFile(key, privateKey);
  const { sender, url } = await startHttp([
    ...["test", `--http-host=${TLS_NAME}`, `--tls-cert=${cert}`, `--tls-key=${key}`],
  ]);
  await using _ = sender;
  const { port } = new URL(url);
  assertEquals(url, `https://${TLS_NAME}:${port}/`);
  const curl = ["-sS", "--cacert", cert, "--resolve", `${TLS_NAME}:${port}:127.0.0.1`];
  const snapshot = [...curl, "-u", `x:${token}`, "-w", "%{http_code} %{content_type}"];
  assertEquals(
    await run("curl", [...snapshot, "-o", "/dev/null", `${url}snapshot.jpg`]),
    "200 image/jpeg",
  );
});
