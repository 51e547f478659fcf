// The compiled programs, each on a terminal, and somebody who reads a code on one and types it on the
// other.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeControl } from "../../lib/protocol/codec.ts";
import { readControl } from "../../lib/protocol/read_control.ts";
import type { Emulator } from "../support/emulator.ts";
import { codeOn, wrong } from "../support/codes.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import {
  Program,
  programTest,
  RECEIVER,
  SENDER,
  startReceiver,
  startSender,
} from "../support/programs.ts";
import { Pty } from "../support/pty.ts";

const SIZE = { columns: 100, rows: 30 };

/** Somebody with a folder for keys. */
function user(folder: Folder): Record<string, string> {
  return { CAMCAT_KEY: "", XDG_CONFIG_HOME: folder.path };
}

programTest(
  "a receiver learns the key by the code that the sender shows, and shows the picture",
  async () => {
    await using mine = new Folder();
    await using theirs = new Folder();
    const args = ["test", "--pair", "--size=320x240", "--listen=127.0.0.1:0"];
    await using sender = new Pty(SENDER, args, { ...SIZE, env: user(theirs) });
    const code = await codeOn(sender);
    const [, port] = /receiver 127\.0\.0\.1:(\d+)\//.exec(sender.screen.text)!;
    await sender.shows(
      (screen) => /code \d{3} \d{3}, [12]:\d\d left/.test(screen.text),
      "the time",
    );

    const address = `127.0.0.1:${port}`;
    const env = user(mine);
    await using receiver = new Pty(RECEIVER, [address, "--display", "terminal"], { ...SIZE, env });
    const asks = (times: number) => (screen: Emulator) =>
      screen.text.split(`Code shown by the sender at ${address}:`).length > times;
    await receiver.shows(asks(1), "the question");
    await receiver.type("12345\r");
    await receiver.shows((screen) => /A code has 6 digits/.test(screen.text), "what is wrong");
    await receiver.shows(asks(2), "the question again");
    await receiver.type(`${wrong(code)}\r`);
    await receiver.shows((screen) => /2 tries are left/.test(screen.text), "that it is wrong");
    await sender.shows(
      (screen) => /127\.0\.0\.1 tried a wrong code/.test(screen.text),
      "the try",
    );
    await receiver.type(`${code.slice(0, 3)} ${code.slice(3)}\r`);
    await receiver.shows(({ modes }) => modes.has(1049), "the picture");
    await receiver.shows((screen) => / fps /.test(screen.row(SIZE.rows - 1)), "its figures");
    await sender.shows(
      (screen) => /Paired: 127\.0\.0\.1 has the key/.test(screen.text),
      "the end",
    );
    await receiver.type("q");
    assertEquals((await receiver.left()).status, 0);

    // The next time, and without a terminal, it needs no code.
    const env2 = { env };
    await using again = startReceiver([address, "--snapshot", `${mine.path}/now.jpg`], env2);
    assertEquals((await again.status()).code, 0);
    const key = Deno.readTextFileSync(`${theirs.path}/camcat/key`).trim();
    assert(Deno.readTextFileSync(`${mine.path}/camcat/known.json`).includes(key));
    assert(!receiver.screen.text.includes(key));
  },
);

programTest(
  "`sender --pair` shows a code of the sender that runs, and ends when it was used",
  async () => {
    await using mine = new Folder();
    await using theirs = new Folder();
    const service = startSender(["test", "--size=320x240"], { env: user(theirs) });
    await using _service = service;
    const address = `127.0.0.1:${await service.port()}`;
    const options = { ...SIZE, env: user(theirs) };
    await using pairing = new Pty(SENDER, ["--pair", `--listen=${address}`], options);
    const code = await codeOn(pairing);

    // Without a terminal a receiver asks for nothing, and says what to do.
    await using deaf = startReceiver([address, "--no-display"], { env: user(mine) });
    assertEquals((await deaf.status()).code, 1);
    assertMatch(deaf.events.at(-1)!.message, /, or run this on a terminal, to type the code/);

    const args = [address, "--cameras"];
    await using receiver = new Pty(RECEIVER, args, { ...SIZE, env: user(mine) });
    await receiver.shows((screen) => screen.text.includes("Code shown by"), "the question");
    await receiver.type(`${code}\r`);
    await receiver.shows((screen) => /^test$/m.test(screen.text), "the names of the cameras");
    assertEquals((await pairing.left()).status, 0);

    const states = () =>
      service.events.filter(({ event }) => event === "pairing").map(({ state }) => state);
    await until(() => states().length === 2, "the events of the service");
    assertEquals(states(), ["open", "paired"]);
    const said = JSON.stringify(service.events) + service.stderr;
    assert(!said.includes(code) && !said.includes(`${code.slice(0, 3)} ${code.slice(3)}`));
  },
);

programTest("three wrong codes end the receiver, and the sender goes on", async () => {
  await using mine = new Folder();
  await using theirs = new Folder();
  await using service = startSender(["test", "--size=320x240"], { env: user(theirs) });
  const address = `127.0.0.1:${await service.port()}`;
  const options = { ...SIZE, env: user(theirs) };
  await using pairing = new Pty(SENDER, ["--pair", `--listen=${address}`], options);
  const code = await codeOn(pairing);
  await using receiver = new Pty(RECEIVER, [address], { ...SIZE, env: user(mine) });
  for (let asked = 1; asked <= 3; asked++) {
    const times = (screen: Emulator) => screen.text.split("Code shown by").length;
    await receiver.shows((screen) => times(screen) > asked, `question ${asked}`);
    await receiver.type(`${wrong(code)}\r`);
  }
  assertEquals((await receiver.left()).status, 1);
  assertMatch(
    receiver.screen.text.replace(/\s+/g, " "),
    /Run `sender --pair` there for another/,
  );
  assertEquals((await pairing.left()).status, 1);
  await using owner = startReceiver([address, "--snapshot", `${mine.path}/now.jpg`], {
    env: user(theirs),
  });
  assertEquals((await owner.status()).code, 0);
});

programTest("a receiver asks for three codes at most, whatever whoever answers says", async () => {
  await using mine = new Folder();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const said: string[] = [];
  const answering = (async () => {
    for await (const connection of listener) {
      using _ = connection;
      said.push((await readControl(connection))?.type ?? "nothing");
      const reason = `The code is wrong; ${"many ".repeat(100)}\x1b[31m tries are left`;
      await connection.write(encodeControl({ type: "bye", reason, key: "needed", tries: 999 }));
    }
  })();
  const args = [`127.0.0.1:${listener.addr.port}`];
  await using receiver = new Pty(RECEIVER, args, { ...SIZE, env: user(mine) });
  for (let asked = 1; asked <= 3; asked++) {
    const times = (screen: Emulator) => screen.text.split("Code shown by").length;
    await receiver.shows((screen) => times(screen) > asked, `question ${asked}`);
    await receiver.type("123456\r");
  }
  assertEquals((await receiver.left()).status, 1);
  listener.close();
  await answering;
  assertEquals(said, ["list", "pair", "pair", "pair"]);
});

programTest("`sender --pair` says why it cannot show a code", async () => {
  await using mine = new Folder();
  await using theirs = new Folder();
  await using log = new Program(SENDER, ["test", "--pair", "--listen=127.0.0.1:0"], {
    env: user(mine),
  });
  assertEquals((await log.status()).code, 2);
  assertMatch(log.stderr, /Cannot show a code: standard error must be a terminal/);

  await using service = startSender(["test"], { env: user(theirs) });
  const args = ["--pair", `--listen=127.0.0.1:${await service.port()}`];
  await using stranger = new Pty(SENDER, args, { ...SIZE, env: user(mine) });
  assertEquals((await stranger.left()).status, 1);
  assertMatch(stranger.screen.text.replace(/\s+/g, " "), /Cannot pair: .* has another key/);
});
