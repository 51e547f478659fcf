// What v4l2-ctl 1.22 and ffmpeg 5.1 print on Linux 6.1; ranges as other drivers have them.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { parseFormats, parseNode, parseSources } from "../../lib/camera/v4l2.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const UVC = `Driver Info:
	Driver name      : uvcvideo
	Card type        : Test Webcam: Test Webcam
	Bus info         : usb-vhci_hcd.0-1
	Driver version   : 6.1.192
	Capabilities     : 0x84a00001
		Video Capture
		Metadata Capture
		Streaming
		Extended Pix Format
		Device Capabilities
	Device Caps      : 0x04200001
		Video Capture
		Streaming
		Extended Pix Format
Media Driver Info:
	Driver name      : uvcvideo
	Model            : Test Webcam: Test Webcam
ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (29.970 fps)
	[1]: 'YVYU' (YVYU 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
	[2]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.133s (7.500 fps)
`;

/** The same camera's node for metadata: it tells of the device's capabilities, and of its own. */
const METADATA = `Driver Info:
	Driver name      : uvcvideo
	Card type        : Test Webcam: Test Webcam
	Capabilities     : 0x84a00001
		Video Capture
		Metadata Capture
		Streaming
		Extended Pix Format
		Device Capabilities
	Device Caps      : 0x04a00000
		Metadata Capture
		Streaming
		Extended Pix Format
ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

`;

const CODEC = `Driver Info:
	Driver name      : bcm2835-codec
	Card type        : bcm2835-codec-decode
	Capabilities     : 0x84204000
		Video Memory-to-Memory Multiplanar
		Streaming
		Extended Pix Format
		Device Capabilities
	Device Caps      : 0x04204000
		Video Memory-to-Memory Multiplanar
		Streaming
		Extended Pix Format
ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture Multiplanar

	[0]: 'YU12' (Planar YUV 4:2:0)
		Size: Stepwise 32x32 - 1920x1920 with step 2/2
`;

const STEPWISE = `Driver Info:
	Card type        : mmal service 16.1
	Device Caps      : 0x05200005
		Video Capture
		Video Overlay
		Read/Write
ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'JPEG' (JFIF JPEG, compressed)
		Size: Stepwise 32x32 - 640x480 with step 2/2
	[1]: 'GREY' (8-bit Greyscale)
		Size: Discrete 64x48
			Interval: Stepwise 0.033s - 1.000s with step 0.033s (1.000-30.000 fps)
`;

test("parseNode() reads what v4l2-ctl says of cameras, and finds nothing in other nodes", () => {
  assertEquals(parseNode(UVC), {
    name: "Test Webcam: Test Webcam",
    modes: [
      { format: "mjpeg", width: 640, height: 480, fps: [30, 15] },
      { format: "mjpeg", width: 1280, height: 720, fps: [29.97] },
      { format: "yuyv422", width: 640, height: 480, fps: [7.5] },
    ],
  });
  assertEquals(parseNode(METADATA), { name: "Test Webcam: Test Webcam", modes: [] });
  assertEquals(parseNode(CODEC), { name: "bcm2835-codec-decode", modes: [] });
  const mjpeg = (width: number, height: number) => ({ format: "mjpeg", width, height, fps: [] });
  assertEquals(parseNode(STEPWISE), {
    name: "mmal service 16.1",
    modes: [
      ...[mjpeg(32, 32), mjpeg(160, 120), mjpeg(176, 144), mjpeg(320, 180), mjpeg(320, 240)],
      ...[mjpeg(352, 288), mjpeg(640, 480)],
      { format: "gray", width: 64, height: 48, fps: [30, 1], anyFps: true },
    ],
  });
  assertEquals(parseNode("Cannot open device /dev/video9, exiting.\n"), { modes: [] });
});

test("parseFormats() reads ffmpeg's list of formats, which has no rates", () => {
  const lines = [
    "[video4linux2,v4l2 @ 0x55da23fc3780] Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720",
    "[video4linux2,v4l2 @ 0x55da23fc3780] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480",
    "[video4linux2,v4l2 @ 0x5626340e4780] Raw       : Unsupported :           YVYU 4:2:2 : 320x180",
    "[video4linux2,v4l2 @ 0x5626340e4780] Raw       :     yuv420p :     Planar YUV 4:2:0 : 320x180",
    "[video4linux2,v4l2 @ 0x5626340e4780] Raw       :     yuv420p :     Planar YVU 4:2:0 : 320x180",
    "[video4linux2,v4l2 @ 0x1] Raw       :        gray :      8-bit Greyscale : {64-320, 2}x{48-240, 2}",
    "/dev/video0: Immediate exit requested",
  ];
  const mode = (format: string, width: number, height: number) => ({
    format,
    width,
    height,
    fps: [],
  });
  assertEquals(parseFormats(lines), [
    mode("mjpeg", 640, 480),
    mode("mjpeg", 1280, 720),
    mode("yuyv422", 640, 480),
    mode("yuv420p", 320, 180),
    ...[mode("gray", 64, 48), mode("gray", 160, 120), mode("gray", 176, 144)],
    mode("gray", 320, 240),
  ]);
  const metadata =
    "[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_G_INPUT): Inappropriate ioctl for device";
  assertEquals(parseFormats([metadata]), []);
});

test("parseSources() reads the names that ffmpeg knows", () => {
  const text = `Auto-detected sources for video4linux2,v4l2:
  /dev/video0 [Test Webcam: Test Webcam]
  /dev/video2 [Loopback [1]] (none)
* /dev/video10 [vivid]
`;
  assertEquals([...parseSources(text)], [
    ["/dev/video0", "Test Webcam: Test Webcam"],
    ["/dev/video2", "Loopback [1]"],
    ["/dev/video10", "vivid"],
  ]);
});
