/**
 * Debian packages (deb(5), Debian Policy).
 *
 * @module
 */

import { writeAll } from "../../lib/program/write_all.ts";
import { type ArchiveOptions, run, tarXz } from "./archive.ts";

/** What a package is made of. */
export interface DebOptions extends ArchiveOptions {
  /** The folder with what goes below `/usr`. It stays as it is. */
  staged: string;
  /** The version, as in deno.json. */
  version: string;
  /** `amd64` or `arm64`. */
  architecture: string;
  /** The file to write. */
  output: string;
}

const UNIT = "camcat-sender.service";
const SETTINGS = "etc/default/camcat-sender";

/** The file that says what the service sends; the package never overwrites a changed one. */
const DEFAULT_SETTINGS = `# What camcat-sender.service sends: arguments of sender(1), on one line.
# systemctl restart camcat-sender puts a change into effect.
#SENDER_ARGS=/dev/video0 --on-demand
`;

/** The service is neither started nor enabled: whether a camera is sent is for its owner to say. */
const SCRIPTS = {
  postinst: `#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  if [ -n "$2" ]; then systemctl try-restart ${UNIT} || true; fi
fi
`,
  prerm: `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now ${UNIT} || true
fi
`,
  // The key of the service goes with it. Keys of users are theirs.
  postrm: `#!/bin/sh
set -e
if [ "$1" = purge ]; then rm -rf /var/lib/private/camcat /var/lib/camcat; fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
`,
};

/**
 * Writes a Debian package.
 *
 * @throws {CamcatError} if a program for it fails or is not installed
 */
export async function writeDeb(options: DebOptions): Promise<void> {
  const { staged, version, architecture, output, ...archive } = options;
  const work = await Deno.makeTempDir({ prefix: "camcat-deb-" });
  try {
    const data = `${work}/data`;
    await Deno.mkdir(`${data}/etc/default`, { recursive: true });
    await run("cp", ["-a", staged, `${data}/usr`]);
    await adapt(data);
    const control = `${work}/control`;
    await Deno.mkdir(control);
    const kilobytes = Number((await run("du", ["-sk", data])).split("\t")[0]);
    await Deno.writeTextFile(`${control}/control`, controlOf(version, architecture, kilobytes));
    await Deno.writeTextFile(`${control}/conffiles`, `/${SETTINGS}\n`);
    await Deno.writeTextFile(`${control}/md5sums`, await sumsOf(data));
    for (const [name, script] of Object.entries(SCRIPTS)) {
      await Deno.writeTextFile(`${control}/${name}`, script, { mode: 0o755 });
      await Deno.chmod(`${control}/${name}`, 0o755);
    }
    await tarXz(control, `${work}/control.tar.xz`, { xz: ["-6"] });
    await tarXz(data, `${work}/data.tar.xz`, archive);
    await Deno.writeTextFile(`${work}/debian-binary`, "2.0\n");
    const members = ["debian-binary", "control.tar.xz", "data.tar.xz"];
    await writeAr(output, members.map((name) => `${work}/${name}`));
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Moves what Debian has elsewhere. */
async function adapt(data: string): Promise<void> {
  const documents = `${data}/usr/share/doc/camcat`;
  await Deno.rename(`${documents}/LICENSE`, `${documents}/copyright`);
  await Deno.rename(`${documents}/CHANGELOG.md`, `${documents}/changelog`);
  await Deno.rename(
    `${data}/usr/share/zsh/site-functions`,
    `${data}/usr/share/zsh/vendor-completions`,
  );
  const manuals = ["sender", "receiver", "call"].map((name) =>
    `${data}/usr/share/man/man1/${name}.1`
  );
  await run("gzip", ["-9n", `${documents}/changelog`, ...manuals]);
  const unit = await Deno.readTextFile(`${documents}/${UNIT}`);
  await Deno.remove(`${documents}/${UNIT}`);
  const adapted = unit.replace("/usr/local/bin/sender", "/usr/bin/sender");
  if (adapted === unit) throw new TypeError(`Cannot adapt ${UNIT}: it does not start the sender`);
  await Deno.mkdir(`${data}/lib/systemd/system`, { recursive: true });
  await Deno.writeTextFile(`${data}/lib/systemd/system/${UNIT}`, adapted);
  await Deno.writeTextFile(`${data}/${SETTINGS}`, DEFAULT_SETTINGS);
}

function controlOf(version: string, architecture: string, kilobytes: number): string {
  return `Package: camcat
Version: ${version}
Architecture: ${architecture}
Maintainer: The camcat authors <camcat@example.invalid>
Installed-Size: ${kilobytes}
Depends: ffmpeg, libc6 (>= 2.27), libgcc-s1
Recommends: v4l-utils
Suggests: mpv, x11-utils
Section: video
Priority: optional
Description: netcat for cameras
 camcat shows a camera live on another machine: sender runs where the camera
 is, receiver where you are. Everything is encrypted, and only viewers with the
 key can watch.
`;
}

/** MD5 sums of all files, as dpkg --verify wants them. */
async function sumsOf(data: string): Promise<string> {
  const files = (await run("find", [".", "-type", "f", "!", "-path", `./${SETTINGS}`], data))
    .trim().split("\n").map((path) => path.slice(2)).sort();
  return await run("md5sum", files, data);
}

/**
 * Writes an archive of type ar: after a magic line each member has a header of 60 bytes (ar(5)).
 */
async function writeAr(output: string, paths: string[]): Promise<void> {
  using file = await Deno.open(output, { write: true, create: true, truncate: true });
  // Not by `file.writable`: that may still hold bytes when the file is closed.
  const write = (part: string | Uint8Array) =>
    writeAll(file, typeof part === "string" ? new TextEncoder().encode(part) : part);
  await write("!<arch>\n");
  for (const path of paths) {
    const bytes = await Deno.readFile(path);
    const name = path.replace(/^.*\//, "");
    const fields = [name.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6)];
    const header = `${fields.join("")}${"100644".padEnd(8)}${`${bytes.length}`.padEnd(10)}\`\n`;
    await write(header);
    await write(bytes);
    if (bytes.length % 2 === 1) await write("\n");
  }
}
