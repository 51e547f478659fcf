// Announcing and finding, by the compiled programs on machines of one network.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { idOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { Avahi } from "../support/avahi.ts";
import { Folder } from "../support/folder.ts";
import { hasNetworks, type Machine, Network } from "../support/network.ts";
import type { Emulator } from "../support/emulator.ts";
import { until } from "../support/patience.ts";
import { Pty } from "../support/pty.ts";
import {
  type Event,
  Program,
  programTest,
  RECEIVER,
  SENDER,
  TEST_ENV,
  TEST_KEY,
} from "../support/programs.ts";

const SMALL = ["test", "--size", "160x120", "--fps", "5"];

function networkTest(
  name: string,
  machines: number,
  fn: (...all: Machine[]) => Promise<void>,
  hasIpv6 = false,
): void {
  programTest(name, async () => {
    await using network = await Network.of(machines, hasIpv6);
    await fn(...network.machines);
  }, !hasNetworks);
}

function senderOn(machine: Machine, args: string[], env: Record<string, string> = {}): Program {
  const [command, all] = machine.command(SENDER, ["--json", ...SMALL, ...args]);
  return new Program(command, all, { env });
}

function receiverOn(machine: Machine, args: string[], env: Record<string, string> = {}): Program {
  const [command, all] = machine.command(RECEIVER, ["--json", "--no-display", ...args]);
  return new Program(command, all, { env });
}

const isStream = ({ state }: Event) => state === "stream";

/** Waits until a machine finds exactly these cameras, and says what it knows of them. */
async function finds(machine: Machine, names: string[], env = {}): Promise<Event[]> {
  let found: Event[] = [];
  await until(async () => {
    const { stdout } = await machine.run(RECEIVER, ["--find", "--json"], {
      env: { ...TEST_ENV, ...env },
    });
    found = stdout.trim().split("\n").filter((it) => it !== "").map((line) => JSON.parse(line))
      .filter(({ event }) => event === "found");
    return names.length === found.length && names.every((name, at) => found[at].name === name);
  }, `${names} on the network`);
  return found;
}

networkTest("avahi sees and resolves every camera, and that it is gone", 2, async (pi, witness) => {
  await using avahi = await Avahi.on(witness);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using sender = senderOn(pi, ["test", "--name", "Tür 1,yard.b", "--http", "*:8080"]);
    let seen = await avahi.browse();
    await until(
      async () => (seen = await avahi.browse()).length === 4,
      "two cameras, IPv4 and IPv6",
    );
    const { port } = await sender.event(({ event }) => event === "listening");
    for (const family of ["IPv4", "IPv6"]) {
      const services = seen.filter((it) => it.family === family)
        .sort((a, b) => a.name < b.name ? -1 : 1);
      assertEquals(services.map(({ name, port }) => [name, port]), [["Tür 1", port], [
        "yard_b",
        port,
      ]]);
      for (const { address, host, txt } of services) {
        assertEquals(address, pi.address);
        assertMatch(host, /^camcat-[0-9a-f]{8}\.local$/);
        assertMatch(txt, /"v=1"/);
        assertMatch(txt, /"key=needed"/);
        assertMatch(txt, /"http=8080"/);
        assert(txt.includes(`"id=${await idOf(TEST_KEY)}"`), txt);
        assert(!txt.includes(TEST_KEY.text.slice(0, 9)), "the key is told");
      }
    }
    sender.signal(signal);
    assertEquals((await sender.status()).code, 0);
    // RFC 6762 section 10.1: a second later it is gone; without the goodbye it would be two minutes.
    const saidAt = performance.now();
    await until(async () => (await avahi.browse()).length === 0, "the end of what was announced");
    assert(performance.now() - saidAt < 60_000, "no goodbye was heard");
  }
}, true);

networkTest("receiver finds a sender over IPv6 alone", 2, async (pi, desk) => {
  await Promise.all([pi, desk].map((machine) => machine.leave()));
  await using sender = senderOn(pi, ["--name", "Front door"]);
  await finds(desk, ["Front door"]);
  await using receiver = receiverOn(desk, []);
  assertMatch(
    (await receiver.event(({ state }) => state === "connected")).address,
    /^\[fe80::[0-9a-f:]+%eth0\]:9000$/,
  );
  await receiver.event(isStream);
  assertEquals(await sender.stop(), 0);
}, true);

networkTest("receiver takes the one sender whose key it has", 3, async (pi, other, desk) => {
  await using known = senderOn(pi, ["--name", "Front door"]);
  await using unknown = senderOn(other, ["--name", "Garage"], { CAMCAT_KEY: Key.random().text });
  const found = await finds(desk, ["Front door", "Garage"]);
  assertEquals(found.map(({ key, live, address }) => [key, live, address]), [
    ["known", true, `${pi.address}:9000`],
    ["unknown", undefined, `${other.address}:9000`],
  ]);
  for (const args of [[], ["front door"], ["Door"], ["Front", "--camera", "Front door"]]) {
    await using receiver = receiverOn(desk, args);
    assertEquals((await receiver.event(isStream)).name, "Front door", `${args}`);
    assertEquals(await receiver.stop(), 0);
  }
  await using garage = receiverOn(desk, ["garage"]);
  assertEquals((await garage.status()).code, 1);
  const [failure] = garage.events.filter(({ event }) => event === "error");
  assertMatch(
    failure.message,
    /Cannot connect to "Garage" at 10\.99\.0\.2:9000: its key is not known/,
  );
  for (const sender of [known, unknown]) assertEquals(await sender.stop(), 0);
});

networkTest(
  "receiver lists several, and says what to check if there is none",
  3,
  async (a, b, desk) => {
    const none = await desk.run(RECEIVER, ["--no-display"], { env: TEST_ENV });
    assertEquals([none.code, none.stdout], [1, ""]);
    assertMatch(none.stderr, /Cannot find a sender\. .*same network.*5353.*address/);
    const nobody = await desk.run(RECEIVER, ["Front door", "--no-display"], { env: TEST_ENV });
    assertEquals(nobody.code, 1);
    assertMatch(
      nobody.stderr,
      /Cannot find "Front door": no camera on this network is called so\. /,
    );

    // The second of the same name takes a number.
    await using _first = senderOn(a, ["--name", "door"]);
    await finds(desk, ["door"]);
    await using _second = senderOn(b, ["--name", "door"]);
    const found = await finds(desk, ["door", "door (2)"]);
    assertEquals(found.map(({ camera, address }) => [camera, address]), [
      ["door", `${a.address}:9000`],
      ["door", `${b.address}:9000`],
    ]);
    for (const args of [[], ["doo"]]) {
      let [code, stdout, stderr] = [0, "", ""];
      // On a busy machine one of them may answer too late: then the other is received.
      await until(async () => {
        const command = ["20", RECEIVER, ...args, "--no-display"];
        ({ code, stdout, stderr } = await desk.run("timeout", command, { env: TEST_ENV }));
        return code !== 124;
      }, "an end");
      assertEquals([code, stdout], [2, ""], stderr);
      assertMatch(
        stderr,
        /NAME +ADDRESS +KEY\ndoor +10\.99\.0\.1:9000 +known\ndoor \(2\) +10\.99\.0\.2:9000/,
      );
      assertMatch(
        stderr,
        /there are several\. Give the name of one, for example receiver "door"\n$/,
      );
    }
    await using receiver = receiverOn(desk, ["door (2)"]);
    assertEquals(
      (await receiver.event(({ state }) => state === "connected")).address,
      `${b.address}:9000`,
    );
  },
);

networkTest("avahi's cameras are found, and keep their names", 3, async (witness, pi, desk) => {
  await using avahi = await Avahi.on(witness);
  avahi.publish("A. Other's camera", 4711, "v=1", "key=none", "camera=lens");
  avahi.publish("door", 4712, "v=1", "key=none");
  const [found] = await finds(desk, ["A. Other's camera", "door"]);
  const { camera, address, key, live } = found;
  assertEquals([camera, address, key, live], [
    "lens",
    `${witness.address}:4711`,
    "none",
    undefined,
  ]);
  await using _sender = senderOn(pi, ["--name", "door"]);
  const [, theirs, own] = await finds(desk, ["A. Other's camera", "door", "door (2)"]);
  assertEquals([theirs.address, own.address], [`${witness.address}:4712`, `${pi.address}:9000`]);
});

networkTest(
  "a sender that only this machine can reach is not announced, nor is --no-announce",
  2,
  async (pi, desk) => {
    await using _local = senderOn(pi, ["--name", "local", "--listen", "127.0.0.1:0"]);
    await using _silent = senderOn(pi, ["--name", "silent", "--listen", "0", "--no-announce"]);
    await using _pushing = senderOn(pi, [
      "--name",
      "pushing",
      "--push",
      `10.99.0.9/${TEST_KEY.text}`,
    ]);
    for (const sender of [_local, _silent, _pushing]) {
      await sender.event(({ event }) => event === "capture");
    }
    await using _heard = senderOn(pi, ["--name", "heard", "--listen", "0"]);
    await finds(desk, ["heard"]);
  },
);

networkTest(
  "a key belongs to a sender: it is found at another address, an impostor is not trusted",
  3,
  async (pi, thief, desk) => {
    await using user = new Folder();
    const env = { XDG_CONFIG_HOME: user.path, CAMCAT_KEY: "" };
    await using sender = senderOn(pi, ["--name", "Front door"]);
    await using first = receiverOn(desk, [`10.99.0.1/${TEST_KEY.text}`], env);
    await first.event(isStream);

    // Its router gives it another address while somebody watches.
    await pi.move("10.99.0.77");
    const moved = await first.event(({ state, address }) =>
      state === "connected" && address !== "10.99.0.1:9000"
    );
    assertEquals(moved.address, "10.99.0.77:9000");
    await first.event(isStream, first.events.indexOf(moved));
    assertEquals(await first.stop(), 0);

    // And another while nobody does: somebody else gets the address that is known, and uses the name.
    await pi.move("10.99.0.78");
    await thief.move("10.99.0.77");
    await using impostor = senderOn(thief, ["--name", "Front door"], {
      CAMCAT_KEY: Key.random().text,
    });
    await impostor.port();
    for (const named of ["10.99.0.77", "Front door", "door"]) {
      await using again = receiverOn(desk, [named], env);
      const { address } = await again.event(({ state }) => state === "connected");
      assertEquals(address, "10.99.0.78:9000", named);
      await again.event(isStream);
      assertEquals(await again.stop(), 0);
    }
    assertEquals(await impostor.stop(), 0);
    assertEquals(await sender.stop(), 0);

    // The known one is gone, and an open sender uses its name.
    await using open = senderOn(thief, ["--name", "Front door", "--open"], { CAMCAT_KEY: "" });
    await finds(desk, ["Front door"], env);
    for (const args of [["Front door"], ["door"]]) {
      await using refused = receiverOn(desk, args, env);
      assertEquals((await refused.status()).code, 1);
      const [failure] = refused.events.filter(({ event }) => event === "error");
      assertMatch(
        failure.message,
        /it is open, and the sender that is known by this name has a key/,
      );
    }
    await using trusting = receiverOn(desk, ["Front door", "--open"], env);
    await trusting.event(isStream);
    assertEquals(await open.stop(), 0);
  },
);

networkTest(
  "a known name works where nothing is announced, by its last address",
  2,
  async (pi, desk) => {
    await using user = new Folder();
    const env = { XDG_CONFIG_HOME: user.path, CAMCAT_KEY: "" };
    await using _sender = senderOn(pi, ["--name", "Front door", "--no-announce"]);
    await using first = receiverOn(desk, [`10.99.0.1/${TEST_KEY.text}`], env);
    await first.event(isStream);
    assertEquals(await first.stop(), 0);
    await using again = receiverOn(desk, ["Front door"], env);
    await again.event(({ event, address }) =>
      event === "not-found" && address === "10.99.0.1:9000"
    );
    await again.event(isStream);
  },
);

for (const packets of ["many", "costly"]) {
  networkTest(
    `a flood of ${packets} mDNS packets disturbs neither sending nor finding`,
    3,
    async (pi, attacker, desk) => {
      await using sender = senderOn(pi, ["--name", "Front door"]);
      await using receiver = receiverOn(desk, ["10.99.0.1"]);
      await receiver.event(isStream);
      const flood = new URL("../support/mdns_flood.py", import.meta.url).pathname;
      const [command, args] = attacker.command("python3", [flood, attacker.address, packets]);
      const process = new Deno.Command(command, { args, stdout: "piped", stderr: "inherit" })
        .spawn();
      const started = Promise.withResolvers<void>();
      const reading = process.stdout.pipeTo(new WritableStream({ write: () => started.resolve() }));
      try {
        await started.promise;
        const from = receiver.events.length;
        const { frames } = await receiver.event(({ event }) => event === "stats", from);
        await receiver.event((it) => it.event === "stats" && it.frames > frames + 10, from);
        assertEquals(receiver.events.slice(from).filter(({ state }) => state === "lost"), []);
      } finally {
        process.kill("SIGKILL");
        await Promise.all([reading, process.status]);
      }
      // The sender hears again, and answers.
      await finds(desk, ["Front door"]);
      assertEquals(await sender.stop(), 0);
    },
  );
}

networkTest("on a terminal, the user chooses one of several cameras", 2, async (pi, desk) => {
  await using _first = senderOn(pi, ["--name", "door", "--listen", "0"]);
  await using _second = senderOn(pi, ["--name", "yard", "--listen", "0"]);
  await finds(desk, ["door", "yard"]);
  const cases: [keys: string, camera: string][] = [["2", "yard"], ["\x1b[B\r", "yard"], [
    "\r",
    "door",
  ]];
  for (const [keys, camera] of cases) {
    for (let isChosen = false; !isChosen;) {
      const [command, args] = desk.command(RECEIVER, ["--display", "terminal"]);
      await using pty = new Pty(command, args, { columns: 80, rows: 24 });
      const isAsked = (screen: Emulator) =>
        hasRow(screen, /^ {2}2 {2}yard +10\.99\.0\.1:\d+ +known/);
      await pty.shows((screen) => isAsked(screen) || screen.modes.has(1049), "the list");
      isChosen = isAsked(pty.screen);
      // On a busy machine one of them may answer too late: then the other is shown at once.
      if (isChosen) {
        await pty.type(keys);
        const isDrawn = (screen: Emulator) => hasRow(screen, new RegExp(`^${camera} \\(10`));
        await pty.shows(isDrawn, `${camera} drawn`);
      }
      await pty.type("q");
      assertEquals((await pty.left()).status, 0);
    }
  }
});

networkTest(
  "the first run: a sender, a receiver, and six digits; then nothing",
  2,
  async (pi, desk) => {
    await using theirs = new Folder();
    await using mine = new Folder();
    const ptyOn = (machine: Machine, folder: Folder, program: string, ...args: string[]) => {
      const [command, all] = machine.command(program, args);
      const env = { CAMCAT_KEY: "", XDG_CONFIG_HOME: folder.path };
      return new Pty(command, all, { columns: 100, rows: 24, env });
    };
    await using sender = ptyOn(pi, theirs, SENDER, ...SMALL, "--name", "printer", "--pair");
    const rows = (pty: Pty) =>
      Array.from({ length: 24 }, (_, row) => pty.screen.row(row)).join("\n");
    const code = /^ {2}(\d{3} \d{3})$/m;
    await sender.shows(() => code.test(rows(sender)), "the code");
    await finds(desk, ["printer"]);
    {
      await using receiver = ptyOn(desk, mine, RECEIVER, "--display", "terminal");
      await receiver.shows(
        () => /Code shown by the sender at 10\.99\.0\.1:9000:/.test(rows(receiver)),
        "the question",
      );
      await receiver.type(`${code.exec(rows(sender))![1]}\r`);
      await receiver.shows(
        (screen) => hasRow(screen, /^printer \(10\.99\.0\.1:9000\)/),
        "the picture",
      );
      await receiver.type("q");
      assertEquals((await receiver.left()).status, 0);
    }
    await using again = ptyOn(desk, mine, RECEIVER, "--display", "terminal");
    await again.shows(
      (screen) => hasRow(screen, /^printer \(10\.99\.0\.1:9000\)/),
      "the picture again",
    );
    await again.type("q");
    assertEquals((await again.left()).status, 0);
  },
);

function hasRow(screen: Emulator, pattern: RegExp): boolean {
  return Array.from({ length: screen.rows }, (_, row) => screen.row(row)).some((it) =>
    pattern.test(it)
  );
}
