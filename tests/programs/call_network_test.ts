// Calls between machines of one network: the key by a code, names, and another address in a call.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import type { Emulator } from "../support/emulator.ts";
import { codeOn, wrong } from "../support/codes.ts";
import { Folder } from "../support/folder.ts";
import { hasNetworks, type Machine, Network } from "../support/network.ts";
import { until } from "../support/patience.ts";
import { CALL, type Event, Program, programTest, TEST_KEY } from "../support/programs.ts";
import { Pty } from "../support/pty.ts";

const SIZE = { columns: 130, rows: 40 };
const PLAIN = ["--camera=test", "--size=320x240", "--no-sound", "--no-display"];

function networkTest(name: string, fn: (...all: Machine[]) => Promise<void>): void {
  programTest(name, async () => {
    await using network = await Network.of(2);
    await fn(...network.machines);
  }, !hasNetworks);
}

function callOn(machine: Machine, args: string[], env: Record<string, string>): Program {
  const [command, all] = machine.command(CALL, ["--json", ...PLAIN, ...args]);
  return new Program(command, all, { env });
}

function terminalOn(machine: Machine, args: string[], env: Record<string, string>): Pty {
  const [command, all] = machine.command(CALL, args);
  return new Pty(command, all, { ...SIZE, env });
}

/** Somebody with a folder for keys. */
function user(folder: Folder): Record<string, string> {
  return { CAMCAT_KEY: "", XDG_CONFIG_HOME: folder.path };
}

const is = (name: string, fields: Partial<Event> = {}) => (event: Event) =>
  event.event === name &&
  Object.entries(fields).every(([field, value]) => event[field] === value);

const says = (pattern: RegExp) => (screen: Emulator) => pattern.test(screen.text);
const asks = (times: number) => (screen: Emulator) =>
  screen.text.split("Code shown at the other end").length > times;

networkTest(
  "call --pair: whoever types its code calls, and needs none the next time, by name or address",
  async (home, desk) => {
    await using theirs = new Folder();
    await using mine = new Folder();
    const waits = ["--pair", "--name=kitchen", ...PLAIN];
    await using kitchen = terminalOn(home, waits, user(theirs));
    const code = await codeOn(kitchen);
    await kitchen.shows(says(/A caller without the key asks for this code/), "who asks");
    await kitchen.shows(says(/code \d{3} \d{3}, [12]:\d\d left/), "the time");

    const calls = ["kitchen", "--name=office", ...PLAIN];
    await using office = terminalOn(desk, calls, user(mine));
    await office.shows(asks(1), "the question");
    await office.type(`${wrong(code)}\r`);
    await office.shows(says(/2 tries are left/), "that it is wrong");
    await kitchen.shows(says(/10\.99\.0\.2 tried a wrong code/), "the try");
    await office.shows(asks(2), "the question again");
    await office.type(`${code}\r`);
    await kitchen.shows(says(/Paired: 10\.99\.0\.2 has the key now/), "the pairing");
    await kitchen.shows(says(/office \(.*\) calls\. Accept\? y\/n/), "the call");
    await kitchen.type("y");
    await office.shows(says(/ fps .* Mbit\/s/), "the figures of the picture");
    await office.type("q");
    assertEquals((await office.left()).status, 0);
    await kitchen.shows(says(/office has hung up/), "the end");

    for (const whom of ["kitchen", home.address]) {
      await using again = callOn(desk, [whom, "--name=office"], user(mine));
      await again.event(is("calling"));
      await kitchen.shows(says(/Accept\? y\/n\s*$/), "the next call");
      await kitchen.type("n");
      assertEquals((await again.event(is("not-accepted"))).outcome, "refused");
    }
    await kitchen.type("q");
    assertEquals((await kitchen.left()).status, 0);

    // It waits without being announced now: the name is remembered with the key.
    const hidden = ["--auto-answer", "--no-announce", "--name=kitchen"];
    await using later = callOn(home, hidden, user(theirs));
    await later.event(is("listening"));
    await using known = callOn(desk, ["kitchen", "--name=office"], user(mine));
    assertEquals((await known.event(is("not-found"))).address, "10.99.0.1:9001");
    await known.event(is("picture"));

    // `call --pair` beside it shows a code of the one that runs. Three wrong ones are too many.
    await using stranger = new Folder();
    await using beside = terminalOn(home, ["--pair"], user(theirs));
    const second = await codeOn(beside);
    await using guesser = terminalOn(desk, [home.address, ...PLAIN], user(stranger));
    for (let asked = 1; asked <= 3; asked++) {
      await guesser.shows(asks(asked), `question ${asked}`);
      await guesser.type(`${wrong(second)}\r`);
    }
    assertEquals((await guesser.left()).status, 1);
    const said = guesser.screen.text.replace(/\s+/g, " ");
    assert(said.includes("Run `call --pair` there for another code"), said);
    assertEquals((await beside.left()).status, 1);
    await until(
      () => later.events.some(is("pairing", { state: "used up" })),
      "the event of the end that waits",
    );
  },
);

networkTest(
  "a call goes on where the other end is when that gets another address, either end",
  async (home, desk) => {
    await using mine = new Folder();
    const env = { CAMCAT_KEY: "", XDG_CONFIG_HOME: mine.path };
    const waits = ["--auto-answer", "--name=kitchen", "--wait=1m"];
    await using kitchen = callOn(home, waits, { CAMCAT_KEY: TEST_KEY.text });
    await kitchen.event(is("listening"));
    const whom = `${home.address}/${TEST_KEY.text}`;
    await using office = callOn(desk, [whom, "--name=office", "--wait=1m"], env);
    await Promise.all([kitchen.event(is("picture")), office.event(is("picture"))]);

    for (const move of [() => home.move("10.99.0.77"), () => desk.move("10.99.0.88")]) {
      const [here, there] = [office.events.length, kitchen.events.length];
      await move();
      await office.event(is("line", { state: "back" }), here);
      await kitchen.event(is("line", { state: "back" }), there);
      const live = ({ event, fps }: Event) => event === "stats" && fps > 0;
      const isBack = is("line", { state: "back" });
      await office.event(live, office.events.findLastIndex(isBack) + 2);
      await kitchen.event(live, kitchen.events.findLastIndex(isBack) + 2);
    }
    assertEquals(await office.stop(), 0);
    assertEquals((await kitchen.event(is("hangup"))).by, "them");
    const known = Deno.readTextFileSync(`${mine.path}/camcat/known.json`);
    assert(known.includes('"10.99.0.77:9001"') && known.includes('"kitchen"'), known);
  },
);
