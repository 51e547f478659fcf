/**
 * What peers and measurements need besides camcat, and how to get it.
 *
 * @module
 */

/** The interpreter that the distribution's packages belong to. */
export const PYTHON = isFile("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

/** Something that may be missing. */
interface Package {
  /** A program, */
  program?: string;
  /** or a module of Python, */
  module?: string;
  /** or elements of GStreamer by which to see that it is there. */
  elements?: string[];
  /** The names of its packages. */
  apt: string;
  dnf: string;
  pacman: string;
}

const PACKAGES = {
  ffmpeg: { program: "ffmpeg", apt: "ffmpeg", dnf: "ffmpeg", pacman: "ffmpeg" },
  python: { program: PYTHON, apt: "python3", dnf: "python3", pacman: "python" },
  opencv: {
    module: "cv2",
    ...{ apt: "python3-opencv", dnf: "python3-opencv", pacman: "python-opencv" },
  },
  zmq: { module: "zmq", apt: "python3-zmq", dnf: "python3-zmq", pacman: "python-pyzmq" },
  gstreamer: {
    elements: ["multipartmux", "tcpserversink", "jpegparse", "jpegdec"],
    apt: "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good " +
      "gstreamer1.0-plugins-bad",
    dnf: "gstreamer1 gstreamer1-plugins-base gstreamer1-plugins-good gstreamer1-plugins-bad-free",
    pacman: "gstreamer gst-plugins-base gst-plugins-good gst-plugins-bad",
  },
  "gstreamer-x": {
    elements: ["ximagesink"],
    ...{ apt: "gstreamer1.0-x", dnf: "gstreamer1-plugins-base", pacman: "gst-plugins-base" },
  },
  socat: { program: "socat", apt: "socat", dnf: "socat", pacman: "socat" },
  redis: { program: "redis-server", apt: "redis-server", dnf: "redis", pacman: "valkey" },
  ustreamer: { program: "ustreamer", apt: "ustreamer", dnf: "ustreamer", pacman: "ustreamer" },
  ss: { program: "ss", apt: "iproute2", dnf: "iproute", pacman: "iproute2" },
  tc: { program: "tc", apt: "iproute2", dnf: "iproute-tc", pacman: "iproute2" },
  perf: { program: "perf", apt: "linux-perf", dnf: "perf", pacman: "perf" },
  xvfb: {
    program: "Xvfb",
    ...{ apt: "xvfb", dnf: "xorg-x11-server-Xvfb", pacman: "xorg-server-xvfb" },
  },
  curl: { program: "curl", apt: "curl", dnf: "curl", pacman: "curl" },
  mpv: { program: "mpv", apt: "mpv", dnf: "mpv", pacman: "mpv" },
  pulseaudio: {
    program: "pulseaudio",
    ...{ apt: "pulseaudio", dnf: "pulseaudio", pacman: "pulseaudio" },
  },
  pacat: {
    program: "pacat",
    ...{ apt: "pulseaudio-utils", dnf: "pulseaudio-utils", pacman: "libpulse" },
  },
  faketime: { program: "faketime", apt: "faketime", dnf: "libfaketime", pacman: "libfaketime" },
} satisfies Record<string, Package>;

/** The name of something that may be missing. */
export type PackageName = keyof typeof PACKAGES;

/** What of these is missing, said in a sentence; undefined if nothing is. */
export function missing(names: PackageName[]): string | undefined {
  const lacking = names.filter((name) => !isInstalled(name));
  if (lacking.length === 0) return undefined;
  const packages = lacking.map((name) => PACKAGES[name][manager() ?? "apt"]).join(" ");
  return `not installed: ${lacking.join(", ")} (packages ${packages}; --install gets them)`;
}

/** Installs everything that is missing. */
export function install(): void {
  const names = (Object.keys(PACKAGES) as PackageName[]).filter((name) => !isInstalled(name));
  if (names.length === 0) return;
  const by = manager();
  if (by === undefined) {
    throw new Error("Cannot install: neither apt-get, dnf nor pacman is here");
  }
  const commands = {
    apt: ["apt-get", "install", "-y", "--no-install-recommends"],
    dnf: ["dnf", "install", "-y"],
    pacman: ["pacman", "-S", "--noconfirm", "--needed"],
  };
  // One by one: what a distribution does not have shall not hold up the rest.
  for (const name of names) {
    const command = [
      ...(Deno.uid() === 0 ? [] : ["sudo"]),
      ...commands[by],
      ...PACKAGES[name][by].split(" "),
    ];
    console.log(`$ ${command.join(" ")}`);
    const { success } = new Deno.Command(command[0], {
      args: command.slice(1),
      stdout: "null",
      stderr: "inherit",
    }).outputSync();
    if (!success) console.log(`  failed: rows will be without ${name}`);
    known.delete(name);
  }
}

/** The first lines of what these say of their versions, for the record. */
export function versions(): Record<string, string> {
  const asked: Record<string, [string, ...string[]]> = {
    ffmpeg: ["ffmpeg", "-version"],
    Python: [PYTHON, "--version"],
    OpenCV: [PYTHON, "-c", "import cv2; print(cv2.__version__)"],
    pyzmq: [PYTHON, "-c", "import zmq; print(zmq.__version__, 'libzmq', zmq.zmq_version())"],
    GStreamer: ["gst-launch-1.0", "--version"],
    socat: ["socat", "-V"],
    redis: ["redis-server", "--version"],
    mpv: ["mpv", "--version"],
    µStreamer: ["ustreamer", "--version"],
  };
  return {
    Deno: Deno.version.deno,
    ...Object.fromEntries(
      Object.entries(asked).flatMap(([name, command]) => {
        const said = output(command)?.split("\n").find((line) => /\d\.\d/.test(line));
        const version = said && /v?\d+\.\d[\w.+:~-]*(?: libzmq [\d.]+)?/.exec(said)?.[0];
        return version ? [[name, version]] : [];
      }),
    ),
  };
}

const known = new Map<PackageName, boolean>();

function isInstalled(name: PackageName): boolean {
  const found = known.get(name) ?? look(PACKAGES[name]);
  known.set(name, found);
  return found;
}

function look({ program, module, elements }: Package): boolean {
  if (program !== undefined) return isProgram(program);
  if (module !== undefined) return output([PYTHON, "-c", `import ${module}`]) !== undefined;
  return elements!.every((element) => output(["gst-inspect-1.0", element]) !== undefined);
}

function isProgram(name: string): boolean {
  if (name.includes("/")) return isFile(name);
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => isFile(`${folder}/${name}`));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function manager(): "apt" | "dnf" | "pacman" | undefined {
  if (isProgram("apt-get")) return "apt";
  return (["dnf", "pacman"] as const).find(isProgram);
}

/** What a program prints, undefined if it fails. */
function output([program, ...args]: string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command(program, { args, stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}
