// What docs/recipes.md says, as written there.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { browserTest, type Page } from "../support/chromium.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { type Program, programTest, startSender, TEST_KEY } from "../support/programs.ts";

const RECIPES = await Deno.readTextFile("docs/recipes.md");
const { token } = await httpSecretsOf(TEST_KEY);
const NAME = "cam.example.org";

/** The first block of code below a heading. */
function recipe(heading: string, language: string): string {
  const section = RECIPES.split(`\n## ${heading}\n`)[1].split("\n## ")[0];
  const [, code] = section.split(`\`\`\`${language}\n`);
  return code.split("```")[0];
}

async function startHttp(args: string[] = []): Promise<{ sender: Program; port: number }> {
  const sender = startSender(["test", "--size=320x240", "--http=0", ...args]);
  const { port } = await sender.event(({ event }) => event === "http");
  return { sender, port };
}

/** A port that nobody uses, for programs that cannot choose one themselves. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A program that runs until the end of a test. */
class Server implements AsyncDisposable {
  #process: Deno.ChildProcess;
  #log: Promise<string>;

  constructor(program: string, args: string[], env: Record<string, string> = {}) {
    this.#process = new Deno.Command(program, {
      ...{ args, env },
      ...{ stdin: "null", stdout: "null", stderr: "piped" },
    }).spawn();
    this.#log = new Response(this.#process.stderr).text();
  }

  /** Resolves when it accepts connections. */
  async listens(port: number): Promise<void> {
    let hasEnded = false;
    this.#process.status.then(() => hasEnded = true);
    await until(async () => {
      if (hasEnded) throw new Error(await this.#log);
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return true;
      } catch {
        return false;
      }
    }, `port ${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // it has ended
    }
    await this.#process.status;
    await this.#log;
  }
}

async function selfSigned(folder: Folder): Promise<{ cert: string; key: string }> {
  const [cert, key] = [`${folder.path}/cam.pem`, `${folder.path}/cam.key`];
  const { success } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-days", "2", "-subj", `/CN=${NAME}`, "-keyout", key, "-out", cert],
    ],
    stderr: "null",
  }).output();
  assert(success);
  return { cert, key };
}

/** Fails unless the page below a path of a proxy becomes live, and its picture changes. */
async function assertLive(page: Page): Promise<void> {
  await page.until(`document.body.dataset.state === "live"`);
  const pixels = `Array.from(picture.getContext("2d").getImageData(20, 20, 60, 20).data).join()`;
  const before = await page.evaluate<string>(pixels);
  await page.until(`${pixels} !== ${JSON.stringify(before)}`);
}

const BROWSER = [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`, "--ignore-certificate-errors"];

browserTest(
  "nginx serves the camera below a path, with TLS and WebSocket",
  async (browser) => {
    await using folder = new Folder();
    const { sender, port } = await startHttp([`--http-host=${NAME}`]);
    await using _ = sender;
    const { cert, key } = await selfSigned(folder);
    const proxyPort = freePort();
    const server = recipe("nginx", "nginx")
      .replace("listen 443", `listen 127.0.0.1:${proxyPort}`)
      .replace("/etc/ssl/cam.pem", cert).replace("/etc/ssl/cam.key", key)
      .replace("127.0.0.1:8080", `127.0.0.1:${port}`);
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${folder.path}/${name};`).join("\n");
    const file = `${folder.path}/nginx.conf`;
    await Deno.writeTextFile(
      file,
      `daemon off; pid ${folder.path}/pid; error_log stderr; user root;
     events {} http { access_log off; ${paths} ${server} }`,
    );
    await using nginx = new Server("nginx", ["-p", folder.path, "-e", "stderr", "-c", file]);
    await nginx.listens(proxyPort);
    await assertLive(await browser.open(`https://${NAME}:${proxyPort}/door/#${TEST_KEY.text}`));
  },
  false,
  BROWSER,
);

browserTest(
  "Caddy serves the camera below a path, with WebSocket",
  async (browser) => {
    await using folder = new Folder();
    const { sender, port } = await startHttp([`--http-host=${NAME}`]);
    await using _ = sender;
    const proxyPort = freePort();
    const site = recipe("Caddy", "caddy")
      .replace(`${NAME} {`, `http://${NAME}:${proxyPort} {`) // it would ask for a certificate
      .replace("127.0.0.1:8080", `127.0.0.1:${port}`);
    const file = `${folder.path}/Caddyfile`;
    await Deno.writeTextFile(file, `{\n admin off\n}\n${site}`);
    const args = ["run", "--config", file, "--adapter", "caddyfile"];
    await using caddy = new Server("caddy", args, {
      HOME: folder.path,
      XDG_DATA_HOME: folder.path,
    });
    await caddy.listens(proxyPort);
    await assertLive(await browser.open(`http://${NAME}:${proxyPort}/door/#${TEST_KEY.text}`));
  },
  false,
  BROWSER,
);

programTest("motion reads the stream", async () => {
  await using folder = new Folder();
  const { sender, port } = await startHttp();
  await using _ = sender;
  const settings = recipe("motion", "conf")
    .replace("192.168.1.20:8080", `127.0.0.1:${port}`).replace("TOKEN", token);
  const file = `${folder.path}/motion.conf`;
  await Deno.writeTextFile(
    file,
    `${settings}daemon off\ntarget_dir ${folder.path}\nwebcontrol_port 0\nstream_port 0\n` +
      "width 320\nheight 240\npicture_output on\nemulate_motion on\n",
  );
  await using _motion = new Server("motion", ["-n", "-c", file]);
  const isPicture = ({ name }: Deno.DirEntry) => /\.jpg$/.test(name);
  await until(() => [...Deno.readDirSync(folder.path)].some(isPicture), "a picture by motion");
});

programTest("ffmpeg re-encodes the stream as Frigate and go2rtc do", async () => {
  await using folder = new Folder();
  const { sender, port } = await startHttp();
  await using _ = sender;
  const [, path] = /path: (\S+)/.exec(recipe("Frigate and go2rtc", "yaml") + RECIPES)!;
  const input = path.replace("192.168.1.20:8080", `127.0.0.1:${port}`).replace("TOKEN", token);
  const [, options] = /input_args: (.*)/.exec(RECIPES)!;
  const [, output] = /record: (-f segment.*)/.exec(RECIPES)!;
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", ...options.split(" "), "-t", "2", "-i", input, ...output.split(" ")],
      `${folder.path}/%s.mp4`,
    ],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  assertMatch([...Deno.readDirSync(folder.path)].map(({ name }) => name).join(), /^\d+\.mp4/);
});

Deno.test("the rules and the dashboard use figures that there are", async () => {
  const metrics = await Deno.readTextFile("lib/http/metrics.ts");
  const names = new Set(metrics.match(/camcat_\w+/g));
  for (const name of [...names]) names.add(`${name}_bucket`);
  const rules = await Deno.readTextFile("examples/prometheus/camcat.rules.yml");
  const dashboard = await Deno.readTextFile("examples/prometheus/grafana.json");
  const used = new Set((rules + dashboard).match(/camcat_\w+/g));
  assert(used.size >= 6);
  for (const name of used) assert(names.has(name), name);
  const expressions: string[] = JSON.parse(dashboard).panels
    .flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr));
  assertEquals(expressions.filter((it) => !it.includes('camera=~"$camera"')), []);
  assertStringIncludes(recipe("Prometheus and Grafana", "yaml"), "job_name: camcat");
});
