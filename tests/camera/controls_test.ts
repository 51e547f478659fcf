// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import {
  checkSettings,
  parseControls,
  parseSettings,
  rangeText,
} from "../../lib/camera/controls.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** `v4l2-ctl --list-ctrls-menus` of a webcam, and of the kernel's test driver. */
const LISTING = `
User Controls

                     brightness 0x00980900 (int)    : min=0 max=255 step=1 default=128 value=120 flags=slider
                            hue 0x00980903 (int)    : min=-128 max=128 step=1 default=0 value=-5
        white_balance_automatic 0x0098090c (bool)   : default=1 value=1
           power_line_frequency 0x00980918 (menu)   : min=0 max=2 default=2 value=1 (50 Hz)
				0: Disabled
				1: 50 Hz
				2: 60 Hz
                         button 0x0098f900 (button) : value=0 flags=write-only, execute-on-write
                         string 0x0098f905 (str)    : min=2 max=4 step=1 value='  ' flags=has-payload
                        bitmask 0x0098f906 (bitmask): max=0x80402010 default=0x80002000 value=-2147475456
                   integer_menu 0x0098f907 (intmenu): min=1 max=3 default=2 value=2 (3 0x3)
				2: 3 (0x3)
				3: 5 (0x5)
            u32_1_element_array 0x0098f908 (u32)    : min=16 max=131072 step=1 default=24 dims=[1] flags=has-payload
      read_only_integer_32_bits 0x0098f90c (int)    : min=0 max=255 step=1 default=0 value=0 flags=read-only

Camera Controls

                  auto_exposure 0x009a0901 (menu)   : min=0 max=3 default=3 value=3 (Aperture Priority Mode)
				1: Manual Mode
				3: Aperture Priority Mode
         exposure_time_absolute 0x009a0902 (int)    : min=3 max=2047 step=1 default=250 value=250 flags=inactive
`;

test("parseControls() reads what may be set by a number, and rangeText() says to what", () => {
  const controls = parseControls(LISTING);
  assertEquals(
    controls.map((control) => `${control.name}=${control.value} ${rangeText(control)}`),
    [
      "brightness=120 0 to 255",
      "hue=-5 -128 to 128",
      "white_balance_automatic=1 0 or 1",
      "power_line_frequency=1 0 (Disabled) or 1 (50 Hz) or 2 (60 Hz)",
      "button=0 any number",
      "bitmask=-2147475456 0 to 2151686160",
      "integer_menu=2 2 (3 (0x3)) or 3 (5 (0x5))",
      "read_only_integer_32_bits=0 0 to 255",
      "auto_exposure=3 1 (Manual Mode) or 3 (Aperture Priority Mode)",
      "exposure_time_absolute=250 3 to 2047",
    ],
  );
  assertEquals(controls[0].default, 128);
  assertEquals(controls.at(-1)?.flags, ["inactive"]);
  assertEquals(parseControls("\n"), []);
});

test("parseSettings() reads names and whole numbers", () => {
  const auto = { name: "auto_exposure", value: 1 };
  assertEquals(parseSettings("auto_exposure=1"), [auto]);
  assertEquals(parseSettings("Auto_Exposure=1, hue = -5"), [auto, { name: "hue", value: -5 }]);
  for (
    const text of ["brightness", "brightness=", "=5", "a=1.5", "a=x", "a=1,", "a=1;b=2", "a=0x10"]
  ) {
    assertThrows(() => parseSettings(text), UsageError, "it must be like brightness=120");
  }
});

test("checkSettings() refuses what the camera does not have, and says what it has", () => {
  const controls = parseControls(LISTING);
  const check = (text: string) => checkSettings(parseSettings(text), controls, "Webcam");
  check("brightness=0,brightness=255,hue=-128,auto_exposure=1,exposure_time_absolute=3,button=7");
  const refused: [string, string][] = [
    ["brightness=256", "Cannot set brightness to 256: it must be 0 to 255"],
    ["hue=-129", "Cannot set hue to -129: it must be -128 to 128"],
    ["white_balance_automatic=2", "must be 0 or 1"],
    ["auto_exposure=2", "must be 1 (Manual Mode) or 3 (Aperture Priority Mode)"],
    [
      "hue=0,sharpness=3",
      "Cannot set sharpness: Webcam has no such control. It has brightness, hue",
    ],
    ["read_only_integer_32_bits=3", "has no such control"],
  ];
  for (const [text, message] of refused) assertThrows(() => check(text), UsageError, message);
  assertThrows(() => checkSettings(parseSettings("a=1"), [], "Webcam"), UsageError, "It has none");
});
