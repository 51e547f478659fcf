// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import {
  parseAlsa,
  parseAvfoundation,
  parseDshow,
  parsePulse,
} from "../../lib/sound/microphone_lists.ts";
import { type Microphone, pickMicrophone } from "../../lib/sound/microphones.ts";

Deno.test({
  name: "parsePulse() lists sources, monitors last, with and without media types",
  permissions: "none",
  fn() {
    const text = `Auto-detected sources for pulse:
  alsa_output.pci.monitor [Monitor of Built-in Audio] (none)
* alsa_input.pci-0000_00_1f.3.analog-stereo [Built-in Audio Analog Stereo] (none)
  alsa_input.usb-046d_HD_Pro_Webcam-02.analog-stereo [HD Pro [Webcam] C920]
`;
    assertEquals(parsePulse(text).map(({ name, isDefault }) => [name, isDefault]), [
      ["Built-in Audio Analog Stereo", true],
      ["HD Pro [Webcam] C920", false],
      ["Monitor of Built-in Audio", false],
    ]);
    assertEquals(parsePulse("Auto-detected sources for pulse:\nCannot list sources: error\n"), []);
  },
});

Deno.test({
  name: "parseAlsa() lists the devices that record",
  permissions: "none",
  fn() {
    const text = `00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1
00-03: HDMI 0 : HDMI 0 : playback 1
01-00: USB Audio : USB Audio : capture 1
`;
    assertEquals(parseAlsa(text).map(({ device, name }) => [device, name]), [
      ["plughw:0,0", "ALC257 Analog"],
      ["plughw:1,0", "USB Audio"],
    ]);
    assertEquals(parseAlsa(""), []);
  },
});

Deno.test({
  name: "parseAvfoundation() and parseDshow() tell microphones from cameras",
  permissions: "none",
  fn() {
    const mac = [
      "[AVFoundation indev @ 0x7f] AVFoundation video devices:",
      "[AVFoundation indev @ 0x7f] [0] FaceTime HD Camera",
      "[AVFoundation indev @ 0x7f] AVFoundation audio devices:",
      "[AVFoundation indev @ 0x7f] [0] MacBook Pro Microphone",
      "[AVFoundation indev @ 0x7f] [1] AirPods",
      ": Input/output error",
    ];
    assertEquals(parseAvfoundation(mac).map(({ device, name }) => [device, name]), [
      ["0", "MacBook Pro Microphone"],
      ["1", "AirPods"],
    ]);
    const windows = [
      '[dshow @ 0001] "HD Pro Webcam" (video)',
      '[dshow @ 0001]   Alternative name "@device_pnp_cam"',
      '[dshow @ 0001] "Microphone (HD Pro)" (audio)',
      '[dshow @ 0001]   Alternative name "@device_cm_mic"',
    ];
    const old = [
      "[dshow @ 0001] DirectShow video devices (some may be both video and audio devices)",
      '[dshow @ 0001]  "HD Pro Webcam"',
      '[dshow @ 0001]     Alternative name "@device_pnp_cam"',
      "[dshow @ 0001] DirectShow audio devices",
      '[dshow @ 0001]  "Microphone (HD Pro)"',
      '[dshow @ 0001]     Alternative name "@device_cm_mic"',
    ];
    for (const lines of [windows, old]) {
      assertEquals(parseDshow(lines).map(({ device, name }) => [device, name]), [
        ["@device_cm_mic", "Microphone (HD Pro)"],
      ]);
    }
  },
});

Deno.test({
  name: "pickMicrophone() finds it by number, device, name and part of the name",
  permissions: "none",
  fn() {
    const microphones: Microphone[] = [
      ["Desk", "a.desk", false],
      ["Webcam C920", "b.webcam", true],
      ["Webcam C270", "c.webcam", false],
    ].map(([name, device, isDefault], number) =>
      ({ number, name, device, isDefault, api: "pulse" }) as Microphone
    );
    const pick = (wanted?: string) => pickMicrophone(wanted, microphones).number;
    assertEquals([undefined, "2", "A.DESK", "desk", "c270"].map(pick), [1, 2, 0, 0, 2]);
    assertThrows(() => pick("webcam"), CamcatError, "Cannot choose between 2 microphones");
    assertThrows(() => pick("test"), CamcatError, "Put a SOURCE before --sound");
    assertThrows(() => pickMicrophone(undefined, []), CamcatError, "Cannot find a microphone");
    assertEquals(pickMicrophone(undefined, microphones.slice(0, 1)).name, "Desk");
  },
});
