/**
 * Sends pictures of your own: the JPEGs of a folder, one a second, again and again.
 *
 *     deno run -A examples/serve_pictures.ts FOLDER [PORT]
 *
 * Anything that gives JPEGs can take the place of the folder: a canvas, a plot, a microscope.
 *
 * @module
 */

import { formatAddress, Key, send } from "@camcat/camcat";

const [folder = ".", port = "9000"] = Deno.args;

async function* pictures() {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => /\.jpe?g$/i.test(name)).sort();
  if (names.length === 0) throw new Error(`${folder} must have JPEGs, received none`);
  for (let turn = 0;; turn++) {
    yield await Deno.readFile(`${folder}/${names[turn % names.length]}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

// Only viewers with the key can watch. A program that restarts would keep it somewhere.
const key = Key.random();
const listen = { hostname: "127.0.0.1", port: Number(port) };
await using sender = await send(pictures(), { listen, key, name: folder });
console.log(`receiver ${formatAddress(sender.address)}/${key.text}`);
await sender.done;
