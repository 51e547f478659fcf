// A camera that is unplugged, plugged in elsewhere, used by others: on a machine made up for that.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BusyError, CamcatError, UsageError } from "../../lib/base/errors.ts";
import { aborted } from "../../lib/base/abort.ts";
import type { Camera } from "../../lib/camera/camera.ts";
import type { CameraControl, Setting } from "../../lib/camera/controls.ts";
import type { CameraPort } from "../../lib/capture/camera_port.ts";
import type { CaptureOptions } from "../../lib/capture/capture.ts";
import type { Source } from "../../lib/capture/source.ts";
import { Webcam } from "../../lib/capture/webcam.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { jpeg } from "../support/jpegs.ts";
import { Time } from "../support/time.ts";

const BRIGHTNESS: CameraControl = {
  ...{ name: "brightness", kind: "int", min: 0, max: 255, default: 128, value: 128, flags: [] },
};

function camera(number: number, options: Partial<Camera> = {}): Camera {
  return {
    name: "HD Webcam",
    device: `/dev/video${number}`,
    number,
    modes: [{ format: "mjpeg", width: 640, height: 480, fps: [30] }],
    ...options,
  };
}

/** A machine with cameras that a test plugs in and out. */
class Machine implements CameraPort {
  os: typeof Deno.build.os = "linux";
  cameras: Camera[];
  links = new Map<string, string>();
  users: string[] = [];
  /** What captures throw after a frame. */
  failure: Error | undefined = new CamcatError("Cannot read it: it was unplugged");
  captured: { source: Source; options: CaptureOptions }[] = [];
  settings: [string, Setting[]][] = [];
  lists = 0;
  /** What the input of a grabber gets. */
  timings: string | undefined;
  followed: string[] = [];

  constructor(...cameras: Camera[]) {
    this.cameras = cameras;
  }

  list(): Promise<Camera[]> {
    this.lists++;
    return Promise.resolve(this.cameras);
  }

  at(device: string): Promise<Camera | undefined> {
    return Promise.resolve(this.cameras.find((camera) => camera.device === device));
  }

  realPath(path: string): string | undefined {
    const device = this.links.get(path) ?? path;
    return this.cameras.some((camera) => camera.device === device) ? device : undefined;
  }

  signs(): string {
    return JSON.stringify([this.cameras.map(({ device, name }) => [device, name]), [
      ...this.links,
    ]]);
  }

  controls(): Promise<CameraControl[]> {
    return Promise.resolve([BRIGHTNESS]);
  }

  set(device: string, settings: Setting[]): Promise<void> {
    this.settings.push([device, settings]);
    return Promise.resolve();
  }

  inputTimings(): Promise<string | undefined> {
    return Promise.resolve(this.timings);
  }

  followInput(): Promise<void> {
    this.followed.push(this.timings ?? "");
    return Promise.resolve();
  }

  usersOf(): string[] {
    return this.users;
  }

  async *capture(source: Source, options: CaptureOptions): AsyncGenerator<Frame> {
    this.captured.push({ source, options });
    if (!(this.failure instanceof BusyError)) yield Frame.from(jpeg(), { time: 0 });
    if (this.timings !== undefined) return await aborted(options.signal);
    if (this.failure !== undefined) throw this.failure;
  }

  /** The devices that were captured from, in order. */
  get devices(): string[] {
    return this.captured.map(({ source }) => source.kind === "device" ? source.path : "");
  }
}

const SOURCE = { kind: "device", path: "/dev/video0" } as const;

function optionsFor(options: Partial<CaptureOptions> = {}): CaptureOptions {
  return { signal: new AbortController().signal, ...options };
}

/** Captures until the machine's failure. */
async function lose(webcam: Webcam, options = optionsFor()): Promise<void> {
  await assertRejects(() => Array.fromAsync(webcam.capture(options)), CamcatError, "unplugged");
}

Deno.test("Webcam selects the mode and sets the controls at every start", async () => {
  const machine = new Machine(camera(0));
  const settings = [{ name: "brightness", value: 9 }];
  const webcam = new Webcam(SOURCE, settings, machine);
  const notes: string[] = [];
  const options = optionsFor({ size: { width: 800 }, onNote: (note) => notes.push(note) });
  await webcam.prepare(options);
  await webcam.prepare(options);
  assertEquals([machine.lists, machine.captured.length], [1, 0]);
  assertEquals(notes, ["/dev/video0 does not offer 800x: using mjpeg 640x480 at 30 fps"]);
  await lose(webcam, options);
  await lose(webcam, options);
  assertEquals(machine.settings, [["/dev/video0", settings], ["/dev/video0", settings]]);
  assertEquals(machine.captured[0].options.size, { width: 640, height: 480 });
  assertEquals(machine.captured[0].options.mode, {
    ...{ format: "mjpeg", width: 640, height: 480, fps: 30 },
  });
});

Deno.test("Webcam refuses what the camera cannot do before it captures", async () => {
  const raw = camera(0, { modes: [{ format: "yuyv422", width: 640, height: 480, fps: [30] }] });
  const machine = new Machine(raw);
  await assertRejects(
    () => new Webcam(SOURCE, [], machine).prepare(optionsFor({ copy: true })),
    UsageError,
    "it offers no MJPEG. Leave out --copy",
  );
  await assertRejects(
    () => new Webcam(SOURCE, [{ name: "zoom", value: 1 }], machine).prepare(optionsFor()),
    UsageError,
    "Cannot set zoom: /dev/video0 has no such control. It has brightness",
  );
  assertEquals(machine.captured, []);
});

Deno.test("Webcam says that a camera is missing, and takes it when it comes", async () => {
  const machine = new Machine();
  const webcam = new Webcam({ ...SOURCE, name: "Door" }, [], machine);
  await assertRejects(
    () => Array.fromAsync(webcam.capture(optionsFor())),
    CamcatError,
    "Cannot open Door: there is no such camera",
  );
  machine.cameras = [camera(0)];
  await lose(webcam);
  assertEquals(machine.devices, ["/dev/video0"]);
});

Deno.test("Webcam recognises its camera by name under another number", async () => {
  using time = new Time();
  const machine = new Machine(camera(0));
  const webcam = new Webcam(SOURCE, [], machine);
  await lose(webcam);
  machine.cameras = [camera(0, { name: "Other" })];
  const paused = webcam.pause(200, new AbortController().signal);
  await time.pass(5000); // the other one is not taken for it
  machine.cameras = [camera(0, { name: "Other" }), camera(3)];
  await time.pass(300);
  await paused;
  await lose(webcam);
  assertEquals(machine.devices, ["/dev/video0", "/dev/video3"]);
});

Deno.test("Webcam follows its link, and takes no other camera of its name", async () => {
  using time = new Time();
  const link = "/dev/v4l/by-id/usb-1";
  const machine = new Machine(camera(0, { stablePath: link }));
  machine.links.set(link, "/dev/video0");
  const webcam = new Webcam({ kind: "device", path: link }, [], machine);
  await lose(webcam);
  machine.cameras = [camera(1, { stablePath: "/dev/v4l/by-id/usb-2" })];
  const paused = webcam.pause(200, new AbortController().signal);
  await time.pass(3000);
  machine.cameras.push(camera(2, { stablePath: link }));
  machine.links.set(link, "/dev/video2");
  await time.pass(300);
  await paused;
  await lose(webcam);
  assertEquals(machine.devices, ["/dev/video0", "/dev/video2"]);
});

Deno.test("Webcam.pause() ends after its time if the camera is there, and when it is aborted", async () => {
  using time = new Time();
  const webcam = new Webcam(SOURCE, [], new Machine(camera(0)));
  let isOver = false;
  const paused = webcam.pause(1000, new AbortController().signal).then(() => isOver = true);
  await time.pass(900);
  assertEquals(isOver, false);
  await time.pass(100);
  assert(await paused);
  const stop = new AbortController();
  const missing = new Webcam(SOURCE, [], new Machine()).pause(1000, stop.signal);
  await time.pass(5000);
  stop.abort();
  await missing;
  assertEquals(time.timers, 0);
});

Deno.test("Webcam selects the mode again after a loss, as an HDMI grabber changes it", async () => {
  const machine = new Machine(camera(0));
  const webcam = new Webcam(SOURCE, [], machine);
  await lose(webcam);
  machine.cameras[0].modes = [{ format: "uyvy422", width: 1920, height: 1080, fps: [60] }];
  await lose(webcam);
  assertEquals(machine.captured.map(({ options }) => options.mode?.width), [640, 1920]);
  assertEquals(machine.captured[1].options.size, { width: 1920, height: 1080 });
});

Deno.test("Webcam names the programs that use a busy camera", async () => {
  const machine = new Machine(camera(0));
  machine.failure = new BusyError("Cannot open it: another program is using it", { details: "x" });
  const busy = () => Array.fromAsync(new Webcam(SOURCE, [], machine).capture(optionsFor()));
  const nobody = await assertRejects(busy, BusyError);
  assertEquals(
    nobody.message,
    "Cannot open /dev/video0: another program is using it. Close that program",
  );
  machine.users = ["zoom (process 7)", "process 8"];
  const somebody = await assertRejects(busy, BusyError);
  assertEquals(
    [somebody.message, somebody.details],
    [
      "Cannot open /dev/video0: zoom (process 7), process 8 is using it. Close that program",
      "x",
    ],
  );
});

Deno.test("Webcam follows an HDMI grabber whose input changes while it runs", async () => {
  using time = new Time();
  const machine = new Machine(camera(0));
  machine.timings = "1280x720";
  const webcam = new Webcam(SOURCE, [], machine);
  const changed = assertRejects(
    () => Array.fromAsync(webcam.capture(optionsFor())),
    CamcatError,
    "Cannot continue reading /dev/video0: its input changed from 1280x720 to 640x480",
  );
  await time.pass(10_000);
  machine.timings = "640x480";
  await time.pass(2000);
  await changed;
  const stop = new AbortController();
  const again = Array.fromAsync(webcam.capture(optionsFor({ signal: stop.signal })));
  await time.pass(10_000);
  stop.abort();
  assertEquals((await again).length, 1);
  assertEquals(machine.followed, ["1280x720", "640x480"]);
  assertEquals(time.timers, 0);
});
