// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { DEFAULT_MICROPHONE, soundsOf } from "../../lib/cli/sender_sound.ts";

Deno.test({
  name: "soundsOf() gives files their own sound, and the microphone to one other source",
  permissions: "none",
  fn() {
    const sounds = (kinds: string, wanted?: string) =>
      soundsOf(
        kinds.split(" ").map((kind) => ({ kind }) as Parameters<typeof soundsOf>[0][number]),
        wanted,
      ).map((sound) => sound ?? "none").join(" ");
    assertEquals(sounds("device file"), "none none");
    assertEquals(sounds("device", DEFAULT_MICROPHONE), "microphone");
    assertEquals(sounds("screen", DEFAULT_MICROPHONE), "microphone");
    assertEquals(sounds("test", DEFAULT_MICROPHONE), "source");
    assertEquals(
      sounds("file device url device", DEFAULT_MICROPHONE),
      "source microphone source none",
    );
    assertEquals(sounds("file device", "Desk"), "microphone none");
    assertEquals(sounds("other device", "Desk"), "none microphone");
    assertThrows(() => sounds("other", "Desk"), UsageError, "Cannot use --sound");
  },
});
