// A player that behaves as real ones do at bad moments: a script stands in for it.

// @ts-types="../../lib/std.d.ts"
import { assertMatch } from "@std/assert";
import { Player } from "../../lib/display/player.ts";
import { jpegParts } from "../../lib/display/player_input.ts";
import { Folder, standIn } from "../support/folder.ts";
import { withPatience } from "../support/patience.ts";
import { testOnLinux } from "../support/processes.ts";

/** Puts a script in the place of a player, and claims that there is a display. */
async function playerOf(folder: Folder, name: string, script: string): Promise<Disposable> {
  const changed = { ...await standIn(folder, name, script), DISPLAY: ":0" };
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

testOnLinux("Player.show() resolves although the player has exited with a backlog", async () => {
  await using folder = new Folder();
  using _player = await playerOf(folder, "ffplay", "echo 'vq= 9999KB' >&2; exit 3");
  await using player = Player.open("ffplay", jpegParts(), "door");
  const failure = await player.ended;
  assertMatch(failure!.message, /^Cannot show the picture any more: ffplay exited with status 3/);
  const shown = Array.from({ length: 3 }, () => player.show(new Uint8Array(100)));
  await withPatience(() => Promise.all(shown), () => "the end of what nobody shows");
});
