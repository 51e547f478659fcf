// What ffmpeg prints on Windows.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { parseDevices, parseModes } from "../../lib/camera/dshow.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const WEBCAM = String
  .raw`@device_pnp_\\?\usb#vid_0c45&pid_6448&mi_00#7&2645f9e4&0&0000#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global`;
const MICROPHONE = String.raw`@device_cm_{33D9A762-90C8-11D0-BD43-00A0C911CE86}\wave_{E26AD2BE}`;

test("parseDevices() finds the cameras, as old and new versions of ffmpeg list them", () => {
  const older = [
    "[dshow @ 00000000001c23c0] DirectShow video devices (some may be both video and audio devices)",
    '[dshow @ 00000000001c23c0]  "Integrated Webcam"',
    `[dshow @ 00000000001c23c0]     Alternative name "${WEBCAM}"`,
    '[dshow @ 00000000001c23c0]  "USB2.0 "HD" (video)"',
    "[dshow @ 00000000001c23c0] DirectShow audio devices",
    '[dshow @ 00000000001c23c0]  "Microphone (High Definition Audio)"',
    `[dshow @ 00000000001c23c0]     Alternative name "${MICROPHONE}"`,
    "dummy: Immediate exit requested",
  ];
  assertEquals(parseDevices(older), [
    { name: "Integrated Webcam", alternative: WEBCAM },
    { name: 'USB2.0 "HD" (video)' },
  ]);
  const newer = [
    '[dshow @ 000001d80f589d80] "Integrated Webcam" (video)',
    `[dshow @ 000001d80f589d80]   Alternative name "${WEBCAM}"`,
    '[in#0 @ 000001bc41b19400] "Microphone (Realtek(R) Audio)" (audio)',
    `[in#0 @ 000001bc41b19400]   Alternative name "${MICROPHONE}"`,
    '[in#0 @ 000001bc41b19400] "Capture Card" (video, audio)',
    '[in#0 @ 000001bc41b19400] "OBS Virtual Camera" (none)',
    "Error opening input file dummy.",
  ];
  assertEquals(parseDevices(newer), [
    { name: "Integrated Webcam", alternative: WEBCAM },
    { name: "Capture Card" },
  ]);
  assertEquals(parseDevices([]), []);
});

test("parseModes() reads modes with their ranges of rates, each once", () => {
  const lines = [
    "[dshow @ 000001781c263740] DirectShow video device options (from video devices)",
    '[dshow @ 000001781c263740]  Pin "Capture" (alternative pin name "0")',
    "[dshow @ 000001781c263740]   pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30",
    "[dshow @ 000001781c263740]   pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30 (tv, bt470bg/bt709/unknown, topleft)",
    "[dshow @ 000001781c263740]   vcodec=mjpeg  min s=1280x720 fps=60.0002 max s=1280x720 fps=60.0002",
    "[dshow @ 000001781c263740]   vcodec=mjpeg  min s=1280x720 fps=60.0002 max s=1280x720 fps=60.0002 (pc, bt470bg/bt709/unknown, center)",
    "[dshow @ 000001781c263740]   unknown compression type 0x30313050  min s=3840x2160 fps=30 max s=3840x2160 fps=30",
    "[in#0 @ 000001781c263740]   pixel_format=nv12  min s=320x240 fps=1 max s=640x480 fps=30",
    "video=HD Pro Webcam C920: Immediate exit requested",
  ];
  const nv12 = (width: number, height: number) => ({
    ...{ format: "nv12", width, height, fps: [30, 1], anyFps: true },
  });
  assertEquals(parseModes(lines), [
    { format: "yuyv422", width: 640, height: 480, fps: [30, 5], anyFps: true },
    { format: "mjpeg", width: 1280, height: 720, fps: [60.0002] },
    ...[nv12(320, 240), nv12(352, 288), nv12(640, 480)],
  ]);
});
