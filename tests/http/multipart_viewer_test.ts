// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Frame } from "../../lib/jpeg/frame.ts";
import { MultipartViewer } from "../../lib/http/multipart_viewer.ts";
import { Hub } from "../../lib/send/hub.ts";
import { jpeg } from "../support/jpegs.ts";
import { timeTest } from "../support/time.ts";
import { connect } from "../support/wire.ts";

const big = jpeg(new Uint8Array(10_000));

timeTest("MultipartViewer leaves when it has accepted no data for 60 s", async (time) => {
  const left: string[] = [];
  const hub = new Hub({ onLeft: (_, reason) => left.push(reason) });
  const [client, server] = connect(1000);
  const attending = hub.attend(new MultipartViewer(server), "peer");
  hub.publish(Frame.from(big, { time: 0 }));
  await time.pass(59_000);
  hub.publish(Frame.from(big, { time: 1 }));
  assertEquals([left, hub.viewers], [[], 1]);
  await time.pass(2000);
  assertEquals([left, hub.viewers, server.isClosed], [["accepted no data for 60 s"], 0, true]);
  // Its place is taken until nothing of the connection is left.
  client.close();
  await attending;
});

timeTest(
  "MultipartViewer stays while data is accepted slowly, and while no picture comes",
  async (time) => {
    const hub = new Hub();
    const [client, server] = connect(1000);
    const attending = hub.attend(new MultipartViewer(server));
    await time.pass(120_000);
    assertEquals(hub.viewers, 1, "without a picture");
    const buffer = new Uint8Array(1000);
    await client.read(buffer); // the first boundary
    for (let second = 0; second < 200; second++) {
      hub.publish(Frame.from(big, { time: second }));
      await time.pass(1000);
      await client.read(buffer);
    }
    assertEquals(hub.viewers, 1);
    client.close();
    await attending;
    await hub.close("the end");
  },
);

timeTest("MultipartViewer leaves when the client sends much", async (time) => {
  const hub = new Hub();
  const [client, server] = connect(1 << 20);
  const attending = hub.attend(new MultipartViewer(server));
  await client.write(new Uint8Array(60_000));
  await time.settle();
  assertEquals(hub.viewers, 1);
  await client.write(new Uint8Array(60_000));
  await time.settle();
  assertEquals(hub.viewers, 0);
  client.close();
  await attending;
});
