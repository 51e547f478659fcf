/**
 * A receiver's choice of sound players, made smaller.
 *
 * @module
 */

import type { SoundPlayerName } from "../lib/playback/sound_player.ts";
import { Folder } from "./undo.ts";

/** What a receiver runs besides the player of the sound. */
const OTHERS = ["ffplay", "mpv", "sh"];

/** A PATH on which a receiver finds one sound player first. */
export class OnlyPlayer implements Disposable {
  /** For the receiver's environment. */
  readonly env: Record<string, string>;

  #folder = new Folder();

  /** Makes it, until it is disposed of. */
  constructor(player: SoundPlayerName) {
    for (const program of new Set([player, ...OTHERS])) {
      const { stdout } = new Deno.Command("which", { args: [program] }).outputSync();
      const path = new TextDecoder().decode(stdout).trim();
      if (path !== "") Deno.symlinkSync(path, `${this.#folder.path}/${program}`);
    }
    this.env = { PATH: this.#folder.path };
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
