// The cameras of this machine, with the compiled sender.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Camera, pathOf } from "../../lib/camera/camera.ts";
import { chooseMode } from "../../lib/camera/mode.ts";
import { listCameras } from "../../lib/camera/cameras.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { receive } from "../../lib/receive/receive.ts";
import { Folder } from "../support/folder.ts";
import { type Program, programTest, SENDER, startSender } from "../support/programs.ts";
import { skipped } from "../support/skipped.ts";

const cameras = Deno.build.os === "linux" ? await listCameras() : [];
if (cameras.length === 0) {
  skipped("cameras are not tested, for this machine has none at /dev/video*");
}

/** A test with the first camera of this machine. */
function testWithCamera(name: string, fn: (camera: Camera) => Promise<void>): void {
  programTest(name, () => fn(cameras[0]), cameras.length === 0);
}

/** What the sender answers when it ends by itself. */
async function answer(args: string[], env: Record<string, string> = {}): Promise<string> {
  const command = new Deno.Command(SENDER, {
    args,
    env,
  });
  const { code, stdout, stderr } = await command.output();
  const words = new TextDecoder();
  assertEquals(code, 0, words.decode(stderr));
  return words.decode(stdout);
}

/** The size of the next picture of a sender. */
async function sizeSent(sender: Program): Promise<{ width: number; height: number } | undefined> {
  const address = { hostname: "127.0.0.1", port: await sender.port() };
  for await (const { frame } of receive(address)) return sizeOf(frame.jpeg);
  return undefined;
}

const nameAndPath = ({ name, device }: Camera) => [name, device];

testWithCamera("sender --list finds every camera with its modes", async () => {
  const lines = (await answer(["--list", "--json"])).trim().split("\n");
  const listed = lines.map((line) => JSON.parse(line));
  assertEquals(listed.map(({ device }) => device), cameras.map(({ device }) => device));
  assertEquals(listed.map(({ path }) => path), cameras.map(pathOf));
  assertEquals(listed.map(({ modes }) => modes), cameras.map(({ modes }) => modes));
  const table = await answer(["--list"]);
  for (const { number, name } of cameras) assert(table.includes(`${number}: ${name}\n`), table);
});

testWithCamera("sender --list does without v4l2-ctl, but for the rates", async () => {
  await using folder = new Folder();
  const { stdout } = await new Deno.Command("which", { args: ["ffmpeg"] }).output();
  await Deno.symlink(new TextDecoder().decode(stdout).trim(), `${folder.path}/ffmpeg`);
  const lines = (await answer(["--list", "--json"], { PATH: folder.path })).trim().split("\n");
  const listed: Camera[] = lines.map((line) => JSON.parse(line));
  assertEquals(listed.map(nameAndPath), cameras.map(nameAndPath));
  for (const { modes } of listed) {
    assert(modes.length > 0);
    assert(modes.every(({ fps }) => fps.length === 0), JSON.stringify(modes));
  }
  const table = await answer(["--list"], { PATH: folder.path });
  assertMatch(table, /install the package v4l-utils/);
});

testWithCamera(
  "sender captures in the mode that fits best, by number",
  async ({ number, modes }) => {
    const choice = chooseMode(modes, {});
    await using sender = startSender(["--open", `${number}`]);
    for await (const { frame } of receive({ hostname: "127.0.0.1", port: await sender.port() })) {
      assertEquals(sizeOf(frame.jpeg), choice && { width: choice.width, height: choice.height });
      break;
    }
    assertEquals(sender.events.filter(({ event }) => event === "note"), []);
  },
);

testWithCamera("sender captures in the nearest mode, and says so", async ({ device, modes }) => {
  const choice = chooseMode(modes, { size: { width: 17, height: 17 } });
  await using sender = startSender(["--open", device, "--size=17x17"]);
  const { message } = await sender.event(({ event }) => event === "note");
  assertMatch(message, /does not offer 17x17: using /);
  assertEquals(await sizeSent(sender), choice && { width: choice.width, height: choice.height });
});
