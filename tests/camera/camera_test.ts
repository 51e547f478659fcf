// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { type Camera, findAgain, pickCamera } from "../../lib/camera/camera.ts";
import { CamcatError, UsageError } from "../../lib/base/errors.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const camera = (name: string, number: number): Camera => ({
  ...{ name, number, device: `/dev/video${number}`, modes: [] },
});

test("pickCamera() finds by number, by name, or by a part that only one has", () => {
  const cameras = [
    camera("HD Pro Webcam C920", 0),
    camera("Integrated Camera: Integrated C", 2),
    camera("HD Pro Webcam", 4),
    camera("OBS Virtual Camera", 10),
  ];
  const found: [string, number][] = [
    ["0", 0],
    ["10", 10],
    ["hd pro webcam", 4], // a whole name before a part of another
    ["HD Pro Webcam C920", 0],
    ["c920", 0],
    ["INTEGRATED", 2],
    ["obs", 10],
  ];
  for (const [text, number] of found) assertEquals(pickCamera(text, cameras).number, number, text);

  assertThrows(
    () => pickCamera("camera", cameras),
    UsageError,
    'Cannot choose between 2 cameras called "camera": 2: Integrated Camera: Integrated C ' +
      "(/dev/video2), 10: OBS Virtual Camera (/dev/video10). Give more of the name, or a number",
  );
  assertThrows(() => pickCamera("hd", cameras), UsageError, "between 2 cameras");
  assertThrows(
    () => pickCamera("front door", [cameras[2]]),
    CamcatError,
    'Cannot find "front door": no file and no camera has that name; ' +
      "the cameras here are 4: HD Pro Webcam (/dev/video4)",
  );
  assertThrows(() => pickCamera("1", cameras), CamcatError, "Cannot find camera 1: the cameras");
  assertThrows(() => pickCamera("x", []), CamcatError, "this machine has no camera. Plug one in");
  const twins = [camera("Webcam", 0), camera("Webcam", 2)];
  assertThrows(() => pickCamera("webcam", twins), UsageError, "between 2 cameras");
});

test("findAgain() knows a camera by its place or its name, and takes no other for it", () => {
  const door = camera("Webcam", 0);
  const moved = camera("Webcam", 3);
  const other = camera("Grabber", 0);
  const stable = { ...door, stablePath: "/dev/v4l/by-id/usb-1" };
  const stableMoved = { ...moved, stablePath: "/dev/v4l/by-id/usb-1" };
  const cases: [Camera, boolean, Camera[], Camera | undefined][] = [
    [door, true, [door, other], door],
    [door, true, [other, moved], moved], // its number went to another
    [door, false, [door, moved], door],
    [door, false, [moved], undefined], // that is its twin
    [door, true, [moved, camera("Webcam", 4)], undefined],
    [door, true, [other], undefined],
    [door, true, [], undefined],
    [stable, false, [{ ...door, stablePath: "/dev/v4l/by-id/usb-2" }, stableMoved], stableMoved],
  ];
  for (const [lost, isUnique, cameras, found] of cases) {
    assertEquals(findAgain(lost, isUnique, cameras), found);
  }
});
