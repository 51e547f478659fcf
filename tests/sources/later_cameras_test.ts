// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { Hub } from "../../lib/send/hub.ts";
import { laterCameras } from "../../lib/sources/later_cameras.ts";
import type { SenderCamera } from "../../lib/sources/make_cameras.ts";
import { timeTest } from "../support/time.ts";

function camera(name: string): SenderCamera {
  return {
    hub: new Hub({ name }),
    status: () => ({ json: {}, text: "" }),
    supply: () => Promise.resolve(),
  };
}

/** Follows a source whose answers are `answers`, one after the other, and then the last one. */
function follow(answers: (string[] | Error | undefined)[], most = 4) {
  const end = new AbortController();
  const added: string[] = [];
  let asked = 0;
  const cameras = laterCameras({
    names: ["door"],
    most,
    list: () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    make: camera,
    signal: end.signal,
  });
  const done = (async () => {
    for await (const { hub } of cameras) added.push(hub.name);
  })();
  return { added, done, end, asked: () => asked };
}

timeTest(
  "laterCameras adds each camera once, also after a source that does not answer",
  async (time) => {
    const { added, done, end } = follow([
      ["door"],
      undefined,
      ["door", "yard"],
      new CamcatError("Cannot list the cameras"),
      ["yard", "garage", "yard"],
    ]);
    await time.pass(14_000);
    assertEquals(added, []);
    await time.pass(2000);
    assertEquals(added, ["yard"]);
    await time.pass(60_000);
    assertEquals(added, ["yard", "garage"]);
    end.abort();
    await done;
  },
);

timeTest("laterCameras ends when there are as many cameras as there may be", async (time) => {
  const { added, done, asked } = follow([["a", "b", "c", "d", "e"]]);
  await time.pass(60_000);
  await done;
  assertEquals([added, asked()], [["a", "b", "c"], 1]);
});

timeTest("laterCameras asks a slow source more seldom", async (time) => {
  const end = new AbortController();
  let asked = 0;
  const list = async () => {
    asked++;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return ["door"];
  };
  const cameras = laterCameras({ names: [], most: 4, list, make: camera, signal: end.signal });
  const done = Array.fromAsync(cameras);
  await time.pass(5000 + 2000 + 39_000);
  assertEquals(asked, 1);
  await time.pass(2000);
  assertEquals(asked, 2);
  end.abort();
  await time.pass(60_000);
  assertEquals((await done).length, 1);
});

timeTest("laterCameras does not hide a bug", async (time) => {
  const { done } = follow([new TypeError("a bug")]);
  const failed = assertRejects(() => done, TypeError);
  await time.pass(6000);
  await failed;
});
