import { assert, assertEquals } from "@std/assert";
import { isWholeOpus } from "../../lib/playback/opus_frames.ts";
import { opusPackets } from "../support/opus.ts";

Deno.test("isWholeOpus() takes what an encoder makes", async () => {
  for (const ms of [2.5, 10, 20, 60, 120]) {
    const packets = await opusPackets("sine=frequency=300:duration=1", { ms });
    assert(packets.length > 5);
    assert(packets.every(isWholeOpus));
  }
});

Deno.test("isWholeOpus() holds the lengths against the rules of RFC 6716", () => {
  const [one, two, twoOfAny, many] = [0xf8, 0xf9, 0xfa, 0xfb];
  const cases: [packet: number[], isWhole: boolean][] = [
    [[], false], // R1
    [[one], true], // a lost frame
    [[one, ...Array(1275).fill(0)], true],
    [[one, ...Array(1276).fill(0)], false], // R2
    [[two, 1, 2], true],
    [[two, 1, 2, 3], false], // R3
    [[twoOfAny], false], // R4
    [[twoOfAny, 2, 1, 2, 3], true],
    [[twoOfAny, 4, 1, 2, 3], false],
    [[twoOfAny, 252], false],
    [[twoOfAny, 252, 0, ...Array(252).fill(0)], true],
    [[many], false], // R5
    [[many, 0], false],
    [[many, 2, 1, 2], true],
    [[many, 2, 1, 2, 3], false], // R6
    [[many, 2 | 64, 1, 1, 2, 0], true],
    [[many, 2 | 64, 9, 1, 2], false],
    [[many, 1 | 64, 255], false],
    [[many, 3 | 128, 1, 1, 9, 9, 9], true], // R7
    [[many, 3 | 128, 1, 9, 9, 9], false],
  ];
  for (const [packet, isWhole] of cases) {
    assertEquals(isWholeOpus(Uint8Array.from(packet)), isWhole, `${packet.slice(0, 8)}`);
  }
});
