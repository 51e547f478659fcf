// What ffmpeg prints on macOS.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { parseDevices, parseModes } from "../../lib/camera/avfoundation.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("parseDevices() finds the cameras among screens and microphones", () => {
  const newer = [
    "[AVFoundation indev @ 0x143f04e50] AVFoundation video devices:",
    "[AVFoundation indev @ 0x143f04e50] [0] FaceTime HD Camera",
    "[AVFoundation indev @ 0x143f04e50] [1] HD Pro Webcam [2]",
    "[AVFoundation indev @ 0x143f04e50] [2] Capture screen 0",
    "[AVFoundation indev @ 0x143f04e50] [3] Capture screen 1",
    "[AVFoundation indev @ 0x143f04e50] AVFoundation audio devices:",
    "[AVFoundation indev @ 0x143f04e50] [0] MacBook Pro Microphone",
    ": Input/output error",
  ];
  const cameras = [[0, "FaceTime HD Camera"], [1, "HD Pro Webcam [2]"]];
  assertEquals([...parseDevices(newer)], cameras);
  const older = newer.map((line) =>
    line.replace("AVFoundation indev", "AVFoundation input device")
  );
  assertEquals([...parseDevices(older)], cameras);
  assertEquals([...parseDevices(newer.slice(5))], []);
});

test("parseModes() reads the modes that ffmpeg lists when it refuses one", () => {
  const lines = [
    "[avfoundation @ 0x7faf9b80fa00] Selected video size (1x1) is not supported by the device.",
    "[avfoundation @ 0x7faf9b80fa00] Supported modes:",
    "[avfoundation @ 0x7faf9b80fa00]   640x480@[30.000030 30.000030]fps",
    "    Last message repeated 2 times",
    "[avfoundation @ 0x7faf9b80fa00]   640x480@[15.000000 15.000000]fps",
    "[avfoundation @ 0x7faf9b80fa00]   1280x720@[1.000000 30.000000]fps",
    "[avfoundation @ 0x7faf9b80fa00]   640x480@[30.000030 30.000030]fps",
    "0:none: Input/output error",
  ];
  assertEquals(parseModes(lines), [
    { format: "", width: 640, height: 480, fps: [30.00003, 15] },
    { format: "", width: 1280, height: 720, fps: [30] },
  ]);
});
