// What a release has, installed as its users do.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../lib/program/version.ts";
import { tarXz } from "../../tools/packaging/archive.ts";
import { writeDeb } from "../../tools/packaging/deb.ts";
import { sbomOf } from "../../tools/packaging/sbom.ts";
import { stage } from "../../tools/packaging/stage.ts";
import { filled, neededBy, TEMPLATES } from "../../tools/packaging/templates.ts";
import { Folder } from "../support/folder.ts";
import { DIST, programTest } from "../support/programs.ts";
import { skipped } from "../support/skipped.ts";

/** Quick, where size does not matter; the programs are alike, and the window sees that. */
const QUICK = ["--lzma2=preset=0,dict=128MiB"];
const NEXT = "99.0.0";

/**
 * Runs a script in a copy of this system that goes with it: changes go to memory.
 *
 * @returns what it prints
 */
async function inCopyOfSystem(script: string): Promise<string> {
  const setup = `set -eu
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/upper /mnt/work /mnt/root
    mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
    mount -t proc proc /mnt/root/proc
    mount --rbind /dev /mnt/root/dev
    mount --bind /tmp /mnt/root/tmp
    exec chroot /mnt/root sh -euc "$SCRIPT"`;
  const { success, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", setup],
    env: { SCRIPT: script, HOME: "/root", DEBIAN_FRONTEND: "noninteractive", CAMCAT_KEY: "" },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(success, `${out}\n${err}`);
  return out;
}

/** Why the Debian package cannot be installed here, undefined if it can. */
async function packageLack(): Promise<string | undefined> {
  const isDebian = await Deno.stat("/var/lib/dpkg/status").then(() => true, () => false);
  if (!isDebian || Deno.build.os !== "linux" || Deno.uid() !== 0) {
    return "that needs root on Debian";
  }
  return await inCopyOfSystem("true").then(() => undefined, (error) => String(error));
}

const lack = await packageLack();
if (lack !== undefined) skipped(`the Debian package is not installed: ${lack}`);

programTest("the Debian package is installed, run, upgraded and purged", async () => {
  await using folder = new Folder();
  const next = `${folder.path}/next`;
  await Deno.mkdir(next);
  for (const name of ["sender", "receiver", "call"]) {
    await Deno.writeTextFile(`${next}/${name}`, "#!/bin/sh\necho next\n", { mode: 0o755 });
  }
  const architecture = Deno.build.arch === "x86_64" ? "amd64" : "arm64";
  for (const [version, programs] of [[VERSION, DIST], [NEXT, next]]) {
    const staged = `${folder.path}/${version}`;
    await stage(staged, Deno.build.target, programs);
    const output = `${staged}.deb`;
    await writeDeb({ staged, version, architecture, output, xz: QUICK });
  }
  const out = await inCopyOfSystem(`
    cd ${folder.path}
    dpkg --install ${VERSION}.deb
    echo "installed $(dpkg-query -W -f '\${Version} \${Status}' camcat)"
    sender --version
    sender test --json --listen=127.0.0.1:0 | sed '/"live"/q' | tail -n 1
    mandoc -Tlint -W warning /usr/share/man/man1/sender.1.gz && echo "a manual page"
    bash -c '. /usr/share/bash-completion/completions/receiver; complete -p receiver'
    grep ExecStart /lib/systemd/system/camcat-sender.service
    systemctl is-enabled camcat-sender || true

    echo SENDER_ARGS=test > /etc/default/camcat-sender
    mkdir -p /var/lib/camcat && echo KEY > /var/lib/camcat/key
    dpkg --force-confdef --force-confold --install ${NEXT}.deb
    echo "upgraded $(dpkg-query -W -f '\${Version}' camcat), $(sender)"
    echo "settings $(cat /etc/default/camcat-sender), key $(cat /var/lib/camcat/key)"
    dpkg --verify camcat | grep -v /etc/default && exit 1

    dpkg --purge camcat
    for path in /usr/bin/sender /etc/default/camcat-sender /var/lib/camcat /usr/share/doc/camcat \\
      /lib/systemd/system/camcat-sender.service; do
      [ ! -e $path ] || echo "left: $path"
    done
    echo "purged"`);
  const expected = [
    `installed ${VERSION} install ok installed`,
    `sender (camcat) ${VERSION}`,
    '"state":"live"',
    "a manual page",
    "complete -F _camcat_receiver receiver",
    "ExecStart=/usr/bin/sender $SENDER_ARGS",
    "disabled",
    `upgraded ${NEXT}, next`,
    "settings SENDER_ARGS=test, key KEY",
    "purged",
  ];
  for (const text of expected) assertStringIncludes(out, text);
  assert(!out.includes("left:"), out);
}, lack !== undefined);

programTest("install.sh installs the release that it knows, and nothing else", async () => {
  await using folder = new Folder();
  const name = `camcat-${VERSION}-${Deno.build.target}`;
  const archive = `${name}.tar.xz`;
  await stage(`${folder.path}/${name}`, Deno.build.target, DIST);
  await tarXz(folder.path, `${folder.path}/${archive}`, { xz: QUICK, names: [name] });
  const sum = (await output("sha256sum", [`${folder.path}/${archive}`])).out.split(" ")[0];
  const script = `${folder.path}/install.sh`;
  const template = await Deno.readTextFile("packaging/install.sh");
  const install = async (sum: string) => {
    const sums = new Map([["another.tar.xz", "0".repeat(64)], [archive, sum]]);
    const url = `file://${folder.path}`;
    await Deno.writeTextFile(
      script,
      filled(template, { version: VERSION, homepage: "", url, sums }),
    );
    return await output("sh", [script], { HOME: `${folder.path}/home`, TMPDIR: folder.path });
  };
  const refused = await install("0".repeat(64));
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.err, `its SHA-256 must be ${"0".repeat(64)}, received ${sum}`);
  assertEquals(await Deno.stat(`${folder.path}/home`).catch(() => "nothing"), "nothing");

  const { code, out, err } = await install(sum);
  assertEquals([code, err], [0, ""]);
  const bin = `${folder.path}/home/.local/bin`;
  assertStringIncludes(out, `Installed sender, receiver and call ${VERSION} in ${bin}`);
  for (const program of ["sender", "receiver", "call"]) {
    const { out } = await output(`${bin}/${program}`, ["--version"]);
    assertEquals(out, `${program} (camcat) ${VERSION}\n`);
  }
  await Deno.stat(`${folder.path}/home/.local/share/man/man1/sender.1`);
});

Deno.test("the files for package managers have every sum that they need", async () => {
  for (const path of Object.values(TEMPLATES)) {
    const template = await Deno.readTextFile(`packaging/${path}`);
    const names = neededBy(template, "1.2.3-rc.1");
    const sums = new Map(names.map((name, index) => [name, `${index}`.repeat(64)]));
    const text = filled(template, { version: "1.2.3-rc.1", homepage: "h", url: "u", sums });
    assert(!/@[A-Z]/.test(text), text);
    for (const sum of sums.values()) assertStringIncludes(text, sum);
  }
});

Deno.test("the bill of materials has the packages in the programs, with their sums", async () => {
  const { bomFormat, components } = JSON.parse(await sbomOf("1.2.3"));
  assertEquals(bomFormat, "CycloneDX");
  const names: string[] = components.map(({ name }: { name: string }) => name);
  for (const name of ["deno", "deno-std", "uqr", "@scure/base"]) assert(names.includes(name), name);
  assert(!names.includes("@peculiar/x509"), "what only tests use is not in the programs");
  for (const { name, hashes } of components) {
    if (name !== "deno") assertEquals(hashes[0].content.length, 128, name);
  }
});

async function output(program: string, args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, env }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}
