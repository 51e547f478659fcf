/**
 * A program with a bug: what it says is as readable as what the real ones would say.
 *
 * @module
 */

interface Camera {
  name: string;
}

class Shelf {
  #cameras: Camera[] = [];

  nameOfFirst(): string {
    return this.#cameras[0].name;
  }
}

for (const host of [undefined, "jsr.io:443", "deno.land:443", "elsewhere.example"]) {
  const { state } = await Deno.permissions.query({ name: "import", ...(host && { host }) });
  console.log(state);
}
new Shelf().nameOfFirst();
