// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { AnnouncedCamera, labelOf } from "../../lib/discovery/announced_camera.ts";
import { type DnsRecord, readMessage } from "../../lib/discovery/dns_message.ts";
import { encodeMessage } from "../../lib/discovery/dns_writer.ts";
import { announcement, goodbye, probe } from "../../lib/discovery/responder.ts";

const INFO = { version: 1, needsKey: false, id: undefined, httpPort: undefined, isCall: false };

function camera(port = 9000, name = "door"): AnnouncedCamera {
  return new AnnouncedCamera({ name, port, info: INFO }, ["host", "local"]);
}

/** What others hear of a message. */
function heard(message: Parameters<typeof encodeMessage>[0]): DnsRecord[] {
  const { answers, authorities } = readMessage(encodeMessage(message))!;
  return [...answers, ...authorities];
}

Deno.test("labelOf() makes a label of any name", () => {
  const cases: [string, string][] = [
    ["Front door", "Front door"],
    ["movie.mp4", "movie_mp4"],
    ["a..b.c", "a__b_c"],
    ["x\ny", "x\ufffdy"],
    ["  ", "camera"],
    ["é".repeat(100), "é".repeat(28)],
    ["\u{1f3a5}".repeat(100), "\u{1f3a5}".repeat(14)],
  ];
  for (const [name, label] of cases) assertEquals(labelOf(name), label);
});

Deno.test("AnnouncedCamera takes a number when its name is taken, and stays within a label", () => {
  const long = camera(9000, "x".repeat(100));
  for (let index = 0; index < 2000; index++) {
    long.rename();
    assert(long.name[0].length <= 63);
  }
  const door = camera();
  door.rename();
  assertEquals(door.name, ["door (2)", "_camcat", "_tcp", "local"]);
});

Deno.test("AnnouncedCamera knows when another machine has its name, and its own records", () => {
  const own = camera();
  assertEquals(heard(announcement(camera(), [])).some((it) => own.isDeniedBy(it)), false);
  assertEquals(
    heard(announcement(camera(9000, "DOOR"), [])).some((it) => own.isDeniedBy(it)),
    true,
  );
  assertEquals(heard(announcement(camera(9001), [])).some((it) => own.isDeniedBy(it)), true);
  assertEquals(
    heard(announcement(camera(9001, "yard"), [])).some((it) => own.isDeniedBy(it)),
    false,
  );
  assertEquals(heard(goodbye(camera(9001))).some((it) => own.isDeniedBy(it)), false);
});

Deno.test("of two machines that want a name at once, one yields", () => {
  const [a, b] = [camera(9000), camera(9001)];
  assertEquals(a.yieldsTo(heard(probe(b))), true);
  assertEquals(b.yieldsTo(heard(probe(a))), false);
  assertEquals(a.yieldsTo(heard(probe(a))), false);
  assertEquals(a.yieldsTo(heard(probe(camera(9001, "yard")))), false);
});
