// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type Desktop, desktopNote, screenRecipe } from "../../lib/capture/desktop.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import type { Picture } from "../../lib/capture/picture.ts";

const X11: Desktop = { os: "linux", display: ":0", wayland: undefined };
const MAC: Desktop = { os: "darwin", display: undefined, wayland: undefined };
const WINDOWS: Desktop = { os: "windows", display: undefined, wayland: undefined };

Deno.test({
  name: "screenRecipe() knows the screens of each system",
  permissions: "none",
  fn() {
    const grab = "-f x11grab -framerate 30 -i";
    const cases: [Desktop, number | undefined, Picture, string][] = [
      [X11, undefined, {}, `${grab} :0`],
      [X11, 1, {}, `${grab} :0.1`],
      [{ ...X11, display: "host:10.0" }, undefined, {}, `${grab} host:10.0`],
      [{ ...X11, display: "host:10.0" }, 2, {}, `${grab} host:10.2`],
      [{ ...X11, wayland: "wayland-0" }, 0, { fps: 12.5 }, "-f x11grab -framerate 12.5 -i :0.0"],
      [
        MAC,
        undefined,
        {},
        "-f avfoundation -framerate 30 -capture_cursor 1 -i Capture screen 0:none",
      ],
      [MAC, 1, {}, "-f avfoundation -framerate 30 -capture_cursor 1 -i Capture screen 1:none"],
      [WINDOWS, undefined, {}, "-f gdigrab -framerate 30 -i desktop"],
      [WINDOWS, 0, { fps: 5 }, "-f gdigrab -framerate 5 -i desktop"],
    ];
    for (const [desktop, number, picture, expected] of cases) {
      const { input, copy } = screenRecipe(number, picture, desktop);
      assertEquals([input.join(" "), copy], [expected, false]);
    }
    const none = { ...X11, display: undefined };
    const failures: [Desktop, number | undefined, string][] = [
      [
        none,
        undefined,
        "Cannot capture the screen: there is no display. Run this in a desktop session",
      ],
      [{ ...none, wayland: "wayland-0" }, 1, "Wayland does not allow that. Log in to an X11"],
      [WINDOWS, 1, "Cannot capture screen 1: Windows captures all screens as one picture"],
    ];
    for (const [desktop, number, words] of failures) {
      assertThrows(() => screenRecipe(number, {}, desktop), CamcatError, words);
    }
  },
});

Deno.test({
  name: "desktopNote() warns of what X11 cannot see under Wayland",
  permissions: "none",
  fn() {
    for (const desktop of [X11, MAC, WINDOWS]) assertEquals(desktopNote(desktop), undefined);
    assertMatch(desktopNote({ ...X11, wayland: "wayland-0" })!, /the rest stays black/);
  },
});
