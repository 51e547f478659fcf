// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { PhoneDoor } from "../../lib/phone/phone_door.ts";
import { PostConnection } from "../../lib/phone/post_connection.ts";
import { PostLines } from "../../lib/phone/post_lines.ts";
import { until, withPatience } from "../support/patience.ts";
import type { HttpRequest } from "../../lib/http/request.ts";

const ID = "0123456789abcdef";

async function* pieces(...all: number[][]): AsyncGenerator<Uint8Array> {
  for (const piece of all) yield Uint8Array.from(piece);
}

function request(method: string, query: string, body: number[][] = []): HttpRequest {
  const url = new URL(`https://host/line?${query}`);
  return { method, url, pieces: pieces(...body) } as Partial<HttpRequest> as HttpRequest;
}

Deno.test("PostConnection gives bodies as one stream, in their order", async () => {
  const line = new PostConnection();
  const taken = [line.take(pieces([1, 2, 3], [4])), line.take(pieces()), line.take(pieces([5, 6]))];
  const read: number[] = [];
  const into = new Uint8Array(2);
  while (read.length < 6) read.push(...into.subarray(0, (await line.read(into))!));
  assertEquals(read, [1, 2, 3, 4, 5, 6]);
  await Promise.all(taken);
  const late = line.take(pieces([7]));
  line.close();
  await late;
  assertEquals(await line.read(into), null);
});

Deno.test("PostConnection gives what was written to the next request, and waits for it", async () => {
  const line = new PostConnection();
  await line.write(Uint8Array.of(1));
  await line.write(Uint8Array.of(2, 3));
  assertEquals([...await line.give()], [1, 2, 3]);
  const giving = line.give();
  await line.write(Uint8Array.of(4));
  assertEquals([...await giving], [4]);
});

Deno.test("PostConnection closes when nobody asks for what is written", async () => {
  const line = new PostConnection();
  await line.write(new Uint8Array(60_000));
  await assertRejects(() => line.write(new Uint8Array(60_000)), Error, "does not ask for more");
  assert(line.isClosed);
});

Deno.test("PostLines opens a line for a phone, which does not return after its end", async () => {
  const door = new PhoneDoor();
  const lines = new PostLines(door);
  const { signal } = new AbortController();
  assertEquals((await lines.answer(request("POST", `id=${ID}`))).status, 410, "not opened");
  assertEquals((await lines.answer(request("GET", `id=${ID}&open`))).status, 410, "by POST only");
  assertEquals((await lines.answer(request("POST", "id=short&open"))).status, 410);

  assertEquals((await lines.answer(request("POST", `id=${ID}&open`))).status, 200);
  const phone = (await door.next(signal))!;
  const sent = lines.answer(request("POST", `id=${ID}`, [[9]]));
  const into = new Uint8Array(4);
  assertEquals([await phone.connection.read(into), into[0]], [1, 9]);
  assertEquals((await sent).status, 200);
  await phone.connection.write(Uint8Array.of(7));
  const { status, body } = await lines.answer(request("GET", `id=${ID}`));
  assertEquals([status, ...body!], [200, 7]);

  const polling = lines.answer(request("GET", `id=${ID}`));
  phone.connection.close();
  phone.leave();
  assertEquals((await withPatience(() => polling, () => "the answer")).status, 410);
  assertEquals((await lines.answer(request("POST", `id=${ID}`))).status, 410);
});

Deno.test("PostLines has at most 8 lines, and phones replace each other", async () => {
  const door = new PhoneDoor();
  const lines = new PostLines(door);
  const open = (index: number) => lines.answer(request("POST", `id=${ID}${index}&open`));
  const statuses = [];
  for (let index = 0; index < 9; index++) statuses.push((await open(index)).status);
  assertEquals(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 410]);
  const { body } = await lines.answer(request("GET", `id=${ID}0`));
  assert(new TextDecoder().decode(body!).includes("another phone is the camera now"));
  for (let index = 0; index < 7; index++) { // they are closed soon
    await until(async () => {
      return (await lines.answer(request("POST", `id=${ID}${index}`))).status === 410;
    }, `the end of line ${index}`);
  }
});
