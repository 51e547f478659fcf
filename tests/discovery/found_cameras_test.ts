// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { FoundCameras, MAX_ADDRESSES } from "../../lib/discovery/found_cameras.ts";
import { answer, type CameraOptions, cameraRecords } from "../support/dns.ts";

const ID = "ab".repeat(16);

function found(...answers: [from: string, options: CameraOptions][]): FoundCameras {
  const cameras = new FoundCameras((address) => address.startsWith("10.0.0."));
  for (const [from, options] of answers) cameras.add(answer(cameraRecords(options)), from);
  return cameras;
}

Deno.test("FoundCameras takes a camera with the address that the answer came from first", () => {
  const { cameras } = found(["10.0.0.2", { addresses: ["10.0.0.9", "203.0.113.5", "10.0.0.2"] }]);
  assertEquals(cameras, [{
    name: "door",
    camera: "door",
    addresses: ["10.0.0.2", "10.0.0.9"].map((hostname) => ({ hostname, port: 9000 })),
    needsKey: true,
    id: ID,
    httpPort: undefined,
    isCall: false,
  }]);
});

Deno.test("FoundCameras takes what a machine says over IPv4 and IPv6 for one camera", () => {
  const { cameras } = found(["fe80::1%eth0", {}], ["fd00::1", {}], ["10.0.0.2", {}]);
  assertEquals(cameras.map(({ addresses }) => addresses.map(({ hostname }) => hostname)), [
    ["10.0.0.2", "fd00::1", "fe80::1%eth0"],
  ]);
});

Deno.test("FoundCameras lets no machine change or remove what another says", () => {
  const cameras = found(
    ["10.0.0.2", {}],
    ["10.0.0.66", { port: 6666, txt: ["v=1", "key=none"] }],
    ["10.0.0.66", { ttl: 0 }],
    ["10.0.0.67", { ttl: 0 }],
  );
  assertEquals(cameras.cameras.map(({ addresses: [it], needsKey }) => [it.port, needsKey]), [
    [9000, true],
  ]);
  cameras.add(answer(cameraRecords({ ttl: 0 })), "10.0.0.2");
  assertEquals(cameras.cameras, []);
});

Deno.test("FoundCameras shows names without control characters, and cuts long ones", () => {
  const name = "a\x1b[2J\u202eb";
  const { cameras: [camera] } = found(["10.0.0.2", {
    name,
    txt: ["v=1", "key=none", `camera=${name}`],
  }]);
  assertEquals([camera.name, camera.camera], ["a\ufffd[2J\ufffdb", "a\ufffd[2J\ufffdb"]);
});

Deno.test("FoundCameras ignores what is no camera, and answers for others", () => {
  const cases: CameraOptions[] = [
    { port: 0 },
    { txt: [] },
    { txt: ["key=none"] },
    { txt: ["v=x"] },
    { txt: ["v=99999"] },
    { name: "" },
  ];
  for (const options of cases) {
    assertEquals(found(["10.0.0.2", options]).cameras, [], JSON.stringify(options));
  }
  const cameras = new FoundCameras(() => true);
  const strange = cameraRecords().map((bytes) => {
    const text = new TextDecoder("latin1").decode(bytes).replaceAll("_camcat", "_http\0\0");
    return Uint8Array.from(text, (it) => it.charCodeAt(0));
  });
  assertEquals(cameras.add(answer(strange), "10.0.0.2"), false);
});

Deno.test("FoundCameras bounds names and addresses; a flood of one machine costs others nothing", () => {
  const cameras = found(["10.0.0.2", {}]);
  for (let index = 0; index < 3000; index++) {
    cameras.add(answer(cameraRecords({ name: `fake ${index}` })), "10.0.0.66");
  }
  assert(cameras.cameras.length <= 256);
  assert(cameras.cameras.some(({ name }) => name === "door"));
  for (let index = 1; index < 255; index++) {
    cameras.add(answer(cameraRecords({})), `10.0.0.${index}`);
  }
  const [door] = cameras.cameras.filter(({ name }) => name === "door");
  assertEquals(door.addresses.length, MAX_ADDRESSES);
});
