/**
 * Fails when modules of the project import each other in a circle: which of
 * them starts first would then depend on where the circle is entered.
 *
 * @module
 */

import { modulesIn, readImports } from "./modules.ts";

const root = new URL("../", import.meta.url);
const programs = ["mod.ts", "sender.ts", "receiver.ts", "call.ts"];
const modules = [...programs, ...["lib", "tools"].flatMap((folder) => modulesIn(root, folder))];

/** Every module that imports another one, with those that it imports. */
const imports = new Map<string, string[]>();
for (const { from, to } of await readImports(root, modules)) {
  imports.set(from, [...imports.get(from) ?? [], to]);
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
    console.error(
      "Cannot accept an import cycle: modules must not import each other in " +
        `a circle, received ${path.slice(start).join(" → ")}`,
    );
    Deno.exit(1);
  }
}
