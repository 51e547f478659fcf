/**
 * Fails when modules of the project import each other in a circle: which of
 * them starts first would then hang on where the circle is entered.
 *
 * @module
 */

/** The part of what `deno info --json` prints that is used here. */
interface Info {
  modules: {
    specifier: string;
    dependencies?: { code?: Import; type?: Import }[];
  }[];
}

interface Import {
  specifier?: string;
}

const project = new URL("../", import.meta.url).href;
const tools = Array.from(Deno.readDirSync(new URL("./", import.meta.url)))
  .map(({ name }) => `tools/${name}`)
  .filter((path) => path.endsWith(".ts"));

/** Every module of the project, with the modules that it imports. */
const imports = new Map<string, string[]>();
for (const root of ["mod.ts", "sender.ts", "receiver.ts", ...tools]) {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", project + root],
    stderr: "inherit",
  }).output();
  if (!success) {
    console.error(`Cannot look for import cycles: deno info must read ${root}`);
    Deno.exit(1);
  }
  const { modules }: Info = JSON.parse(new TextDecoder().decode(stdout));
  for (const { specifier, dependencies = [] } of modules) {
    const found = dependencies.flatMap(({ code, type }) => [code, type]);
    imports.set(specifier, found.flatMap((it) => it?.specifier ?? []));
  }
}

// Peels off the modules that import none that is left, again and again. Only
// circles, and what leads into them, can never be peeled off.
for (let before = -1; before !== imports.size;) {
  before = imports.size;
  for (const [module, imported] of imports) {
    if (!imported.some((it) => imports.has(it))) imports.delete(module);
  }
}

const path = [...imports.keys()].slice(0, 1);
while (path.length > 0) {
  const next = imports.get(path.at(-1)!)!.find((it) => imports.has(it))!;
  const start = path.indexOf(next);
  path.push(next);
  if (start >= 0) {
    const cycle = path.slice(start).map((it) => it.replace(project, ""));
    console.error(
      "Cannot accept an import cycle: modules must not import each other in " +
        `a circle, received ${cycle.join(" → ")}`,
    );
    Deno.exit(1);
  }
}
