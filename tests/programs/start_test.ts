// What the compiled programs are made of, and what they look at when they start.

import { Buffer } from "node:buffer";
// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { compile } from "../../tools/compile_program.ts";
import { Folder } from "../support/folder.ts";
import { DIST, Program, programTest } from "../support/programs.ts";

/** Folders of the system, where only its administrator can write. */
const SYSTEM = /^\/(etc|usr|bin|sbin|lib|lib64|proc|sys|dev|opt|run|selinux)(\/|$)(?!shm\/)/;

/** The programs, how they are started, and when they have done all that belongs to a start. */
const STARTS = {
  sender: { args: ["test", "--json", "--listen=127.0.0.1:0"], ready: "live" },
  receiver: { args: ["--json", "--listen=127.0.0.1:0", "--no-display"], ready: "listening" },
  call: {
    args: ["--json", "--auto-answer", "--listen=127.0.0.1:0", "--no-display", "--camera=test"],
    ready: "listening",
  },
};

/** The calls in the log of strace that name a file. */
function pathsIn(log: string, cwd: string): { call: string; path: string }[] {
  return [...log.matchAll(/^\d+ +(\w+)\((?!.*inet)[^"\n]*"([^"\n]+)"/gm)].map(([, call, path]) => ({
    call,
    path: path.startsWith("/") ? path : `${cwd}/${path}`,
  }));
}

/** Whether a path is that of a file or of a folder above it. */
function isOnTheWay(path: string, file: string): boolean {
  return `${file}/`.startsWith(path.endsWith("/") ? path : `${path}/`);
}

for (const [name, { args, ready }] of Object.entries(STARTS)) {
  programTest(`${name} looks at nothing that another user could have put there`, async () => {
    await using folder = new Folder();
    const [home, cwd, log] = ["home", "cwd", "log"].map((name) => `${folder.path}/${name}`);
    await Deno.mkdir(home);
    await Deno.mkdir(cwd);
    const strace = ["-D", "-f", "-s", "4096", "-e", "trace=%file,connect,bind", "-o", log];
    {
      await using program = new Program("strace", [...strace, `${DIST}${name}`, ...args], {
        cwd,
        env: { HOME: home, XDG_CONFIG_HOME: "", CAMCAT_KEY: "" },
      });
      await program.event(({ event, state }) => event === ready || state === ready);
      assertEquals(await program.stop(), 0);
    }
    const paths = pathsIn(await Deno.readTextFile(log), cwd);
    assert(paths.some(({ call, path }) => call === "execve" && path === `${DIST}${name}`));
    assert(paths.some(({ path }) => path.startsWith(`${home}/.config/camcat/key`)));
    const searched = Deno.env.get("PATH")!.split(":");
    const strange = paths.filter(({ call, path }) => {
      if (call === "chdir" || call === "getcwd" || SYSTEM.test(path)) return false;
      // Its own folder, and those of killed programs: it looks whose they are first.
      if (/^\/tmp\/camcat-[0-9a-f]{16}(\/|$)/.test(path)) return false;
      if ([home, ...searched].some((at) => path.startsWith(`${at}/`))) return false;
      return ![home, `${cwd}/.`, `${DIST}${name}`].some((known) => isOnTheWay(path, known));
    });
    assertEquals(strange, []);
  });

  programTest(`${name} holds nothing of what tests alone need`, async () => {
    const binary = Buffer.from(await Deno.readFile(`${DIST}${name}`));
    assert(binary.includes("camcat"));
    for (const text of ["X509CertificateGenerator", "reflect-metadata", "AssertionError: "]) {
      assert(!binary.includes(text), text);
    }
  });
}

programTest(
  "a compiled program names the source line of a bug, and may import nothing",
  async () => {
    await using folder = new Folder();
    for (const permissionSet of ["sender", "receiver", "call"]) {
      const output = `${folder.path}/bug-${permissionSet}`;
      await compile("tests/support/bug.ts", { output, permissionSet });
      const { code, stdout, stderr } = await new Deno.Command(output, {
        env: { NO_COLOR: "1" },
      }).output();
      const [said, trace] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      assertEquals(code, 1);
      assertEquals(said, "denied\n".repeat(4));
      assertStringIncludes(
        trace,
        "TypeError: Cannot read properties of undefined (reading 'name')",
      );
      assertStringIncludes(trace, "at Shelf.nameOfFirst (camcat:tests/support/bug.ts:15:");
      assertStringIncludes(trace, "at camcat:tests/support/bug.ts:23:");
    }
  },
);
