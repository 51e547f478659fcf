/**
 * A program that does nothing: what the runtime alone takes. With arguments it says a line and
 * exits, as `--version` does; without, it waits.
 *
 * @module
 */

if (Deno.args.length > 0) console.log("nothing");
else setInterval(() => {}, 2 ** 30);
