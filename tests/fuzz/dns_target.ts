/**
 * What must hold of answers over mDNS, whoever sends them.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assert } from "@std/assert";
import { AnnouncedCamera } from "../../lib/discovery/announced_camera.ts";
import { readMessage } from "../../lib/discovery/dns_message.ts";
import { encodeMessage } from "../../lib/discovery/dns_writer.ts";
import { FoundCameras, MAX_ADDRESSES } from "../../lib/discovery/found_cameras.ts";
import { camerasNamed } from "../../lib/discovery/names.ts";
import { replyTo } from "../../lib/discovery/responder.ts";
import { answer, cameraRecords, dnsName, pointer, record } from "../support/dns.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

const SERVICE = dnsName("_camcat", "_tcp", "local");
const ANSWERS = [
  answer(cameraRecords({ addresses: ["192.0.2.1", "192.0.2.2"] })),
  answer([...cameraRecords({ name: "Tür" }), ...cameraRecords({ name: "yard", ttl: 0 })]),
  answer([record(SERVICE, 12, pointer(12)), record(pointer(12), 12, pointer(13))]),
  answer([record(dnsName("pi", "local"), 28, new Uint8Array(16))]),
  ...["door", "_camcat"].map((first) => {
    const name = first === "door" ? [first, "_camcat"] : [first];
    const questions = [{ name: [...name, "_tcp", "local"], type: 255 }];
    return encodeMessage({ isAnswer: false, questions });
  }),
];
const PARTS = [...cameraRecords(), SERVICE, pointer(12), pointer(0x3fff)];

/** What a sender does with a message of another machine. */
function answers(input: Uint8Array): void {
  const message = readMessage(input);
  if (message === undefined) return;
  const info = { version: 1, needsKey: false, id: undefined, httpPort: undefined, isCall: false };
  const camera = new AnnouncedCamera({ name: "door", port: 9000, info }, ["pi", "local"]);
  for (const record of [...message.answers, ...message.authorities]) camera.isDeniedBy(record);
  camera.yieldsTo(message.authorities);
  const reply = replyTo(message, camera, []);
  if (reply === undefined) return;
  const bytes = encodeMessage({ ...reply.message, questions: message.questions });
  // The same question, and no more than is known of one camera.
  assert(bytes.length <= input.length * 2 + 2000, `${bytes.length} bytes for ${input.length}`);
  assert(readMessage(bytes)?.isAnswer, "the reply cannot be read");
}

/** Messages over mDNS. */
export const DNS_TARGET: Target = {
  make: (random) => mutate(random, random.pick(ANSWERS), PARTS),
  check(input, random) {
    const found = new FoundCameras(() => true);
    for (const bytes of [random.pick(ANSWERS), input, input]) found.add(bytes, "192.0.2.1");
    answers(input);
    const { cameras } = found;
    for (const { name, camera = "", addresses, id = "", httpPort = 0 } of cameras) {
      for (const text of [name, camera]) {
        assert(!/[\p{Cc}\p{Cf}]/u.test(text) && text.length <= 200, `a text of ${text}`);
      }
      assert(addresses.length >= 1 && addresses.length <= MAX_ADDRESSES, "addresses");
      for (const { hostname, port } of addresses) {
        assert(/^[\da-f.:]{2,39}$/.test(hostname), `a host of ${hostname}`);
        assert(port >= 1 && port <= 65_535, `a port of ${port}`);
      }
      assert(/^([0-9a-f]{32})?$/.test(id), `an id of ${id}`);
      assert(httpPort >= 0 && httpPort <= 65_535, `a port of ${httpPort}`);
      assert(camerasNamed(name, cameras).length > 0, `${name} is not found by its name`);
    }
  },
};
