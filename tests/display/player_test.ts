// What is fed to a player, with programs in its place that do as players do in bad moments.

import { Player } from "../../lib/display/player.ts";
import { JPEG_PARTS } from "../../lib/display/player_input.ts";
import { Folder } from "../support/folder.ts";
import { testOnLinux } from "../support/processes.ts";

/** Puts a program of that name before all others of it. */
async function standIn(folder: Folder, name: string, script: string): Promise<Disposable> {
  const path = `${folder.path}/${name}`;
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const changed = { PATH: `${folder.path}:${Deno.env.get("PATH")}`, DISPLAY: ":0" };
  const before = Object.keys(changed).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(changed)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}

testOnLinux(
  "Player.show() waits for nothing when the player has ended with a backlog",
  async () => {
    await using folder = new Folder();
    using _player = await standIn(folder, "ffplay", "echo 'vq= 9999KB' >&2");
    await using player = Player.open("ffplay", JPEG_PARTS, "door");
    await player.ended;
    for (let time = 0; time < 3; time++) await player.show(new Uint8Array(100));
  },
);
