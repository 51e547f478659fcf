// The search among loopback devices. /sys is a folder of the test, and v4l2loopback-ctl a script:
// no test can load a kernel module.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { findWebcam, removeWebcam } from "../../lib/display/webcam_device.ts";
import { Folder, standIn } from "../support/folder.ts";
import { testOnLinux } from "../support/processes.ts";

interface FakeDevice {
  name: string;
  /** The attribute of versions since 0.13: `capture` while a program writes. */
  state?: "capture" | "output";
  format?: string;
  /** Whether it is a loopback device. @default {true} */
  isLoopback?: boolean;
}

/** A folder with `sys` and `dev` of a machine that has these devices, by number. */
async function machine(devices: Record<number, FakeDevice>, isLoaded = true): Promise<Folder> {
  const folder = new Folder();
  await Deno.mkdir(`${folder.path}/dev`);
  if (isLoaded) await Deno.mkdir(`${folder.path}/sys/module/v4l2loopback`, { recursive: true });
  for (const [number, { isLoopback = true, ...attributes }] of Object.entries(devices)) {
    await Deno.writeTextFile(`${folder.path}/dev/video${number}`, "");
    const sys = `${folder.path}/sys/class/video4linux/video${number}`;
    await Deno.mkdir(sys, { recursive: true });
    const all = { format: "", ...attributes, ...(isLoopback ? { max_openers: "10" } : {}) };
    for (const [name, text] of Object.entries(all)) {
      await Deno.writeTextFile(`${sys}/${name}`, `${text}\n`);
    }
  }
  return folder;
}

/** Puts a script in the place of v4l2loopback-ctl. */
async function controlProgram(folder: Folder, script: string): Promise<Disposable> {
  const before = Deno.env.get("PATH")!;
  Deno.env.set("PATH", (await standIn(folder, "v4l2loopback-ctl", script)).PATH);
  return { [Symbol.dispose]: () => Deno.env.set("PATH", before) };
}

const SEVERAL: Record<number, FakeDevice> = {
  0: { name: "HD Pro Webcam", isLoopback: false },
  2: { name: "OBS Virtual Camera", state: "capture", format: "YUYV:1920x1080@30" },
  9: { name: "camcat", state: "output" },
  10: { name: "spare", state: "output", format: "YUYV:1280x720@30" }, // only a reader is left
};

testOnLinux(
  "findWebcam() finds a device by path, link, number and name, or any free one",
  async () => {
    await using folder = await machine(SEVERAL);
    await Deno.symlink("video10", `${folder.path}/dev/mine`);
    const cases: [string, string][] = [
      ["auto", "/dev/video9"],
      ["/dev/video10", "/dev/video10"],
      ["/dev/mine", "/dev/video10"],
      ["10", "/dev/video10"],
      ["CAMCAT", "/dev/video9"],
      ["par", "/dev/video10"],
    ];
    for (const [wanted, path] of cases) {
      assertEquals((await findWebcam(wanted, folder.path)).path, path, wanted);
    }
  },
);

testOnLinux("findWebcam() says what is there, where it cannot use what is wanted", async () => {
  await using folder = await machine(SEVERAL);
  const there = "/dev/video2 (OBS Virtual Camera), /dev/video9 (camcat), /dev/video10 (spare)";
  const cases: [string, string][] = [
    ["obs", "Cannot be the webcam /dev/video2: another program writes to it. Close that, or make"],
    ["/dev/video2", "Cannot be the webcam /dev/video2: another program writes to it"],
    [
      "0",
      `Cannot be the webcam /dev/video0: it must be a loopback device, and it is not. There is ${there}`,
    ],
    [
      "/dev/video7",
      `Cannot be the webcam /dev/video7: there is only ${there}. Run: sudo modprobe -r`,
    ],
    ["zoom", `Cannot be the webcam zoom: there is only ${there}`],
  ];
  for (const [wanted, message] of cases) {
    await assertRejects(() => findWebcam(wanted, folder.path), CamcatError, message);
  }
});

testOnLinux("findWebcam() names the command that makes a device", async () => {
  const cases: [Record<number, FakeDevice>, boolean, string, string][] = [
    [{}, false, "auto", "Run: sudo modprobe v4l2loopback exclusive_caps=1 card_label=camcat"],
    [
      {},
      false,
      "/dev/video9",
      "Run: sudo modprobe v4l2loopback exclusive_caps=1 card_label=camcat video_nr=9",
    ],
    [
      {},
      true,
      "auto",
      "Run: sudo modprobe -r v4l2loopback && sudo modprobe v4l2loopback exclusive_caps=1",
    ],
    [
      { 0: { name: "cam", isLoopback: false } },
      false,
      "0",
      "and it is not. Run: sudo modprobe v4l2loopback exclusive_caps=1 card_label=camcat",
    ],
    [
      { 1: { name: "a", state: "capture" }, 2: { name: "b", state: "capture" } },
      true,
      "auto",
      "write to all of /dev/video1 (a), /dev/video2 (b). Run: sudo modprobe -r v4l2loopback && " +
      "sudo modprobe v4l2loopback devices=3 exclusive_caps=1,1,1",
    ],
  ];
  for (const [devices, isLoaded, wanted, message] of cases) {
    await using folder = await machine(devices, isLoaded);
    await assertRejects(() => findWebcam(wanted, folder.path), CamcatError, message);
  }
});

testOnLinux("findWebcam() makes a device where it may, and removeWebcam() removes it", async () => {
  await using folder = await machine({ 1: { name: "a", state: "capture" } });
  const log = `${folder.path}/log`;
  using _program = await controlProgram(
    folder,
    `echo "$@" >>${log}; [ "$1" = delete ] || echo /dev/video5`,
  );
  const device = await findWebcam("auto", folder.path);
  assertEquals(device, { path: "/dev/video5", name: "camcat", isOurs: true });
  await removeWebcam(device);
  await removeWebcam({ path: "/dev/video1", name: "a" }); // not ours
  assertEquals((await Deno.readTextFile(log)).split("\n"), [
    "add --name camcat --exclusive-caps 1",
    "delete /dev/video5",
    "",
  ]);
});

testOnLinux("findWebcam() names v4l2loopback-ctl where it may not make a device", async () => {
  await using folder = await machine({});
  await Deno.writeTextFile(`${folder.path}/dev/v4l2loopback`, "");
  using _program = await controlProgram(folder, "echo /dev/video5; exit 1");
  const message = "Run: sudo v4l2loopback-ctl add --name camcat --exclusive-caps 1 /dev/video9";
  await assertRejects(() => findWebcam("9", folder.path), CamcatError, message);
});
