// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Canvas } from "../../lib/display/canvas.ts";
import { pictureBytes } from "../../lib/base/size.ts";
import { gridLayout } from "../../lib/display/grid_layout.ts";

/** Luma and both chromas of a pixel. */
function pixel(
  bytes: Uint8Array,
  { width, height }: { width: number; height: number },
  x: number,
  y: number,
): number[] {
  const luma = width * height;
  const chroma = (y >> 1) * width / 2 + (x >> 1);
  return [bytes[y * width + x], bytes[luma + chroma], bytes[luma * 5 / 4 + chroma]];
}

Deno.test({ name: "Canvas.put() fills a tile, and no other", permissions: "none" }, () => {
  for (const count of [1, 2, 3, 5, 7]) {
    const layout = gridLayout(count);
    const { tile, places } = layout;
    const canvas = new Canvas(layout, places.map((_, index) => `${index}`));
    assertEquals(canvas.bytes.length, pictureBytes(layout));
    const luma = tile.width * tile.height;
    for (let index = 0; index < count; index++) {
      const picture = new Uint8Array(pictureBytes(tile)).fill(50 + index, 0, luma)
        .fill(100 + index, luma, luma * 5 / 4).fill(200 + index, luma * 5 / 4);
      canvas.put(index, picture);
      places.forEach(({ x, y }, other) => {
        const filled = [50 + other, 100 + other, 200 + other];
        const right = x + tile.width - 1;
        for (const [px, py] of [[x, y], [right, y], [right, y + tile.height - 1]]) {
          const expected = other <= index ? filled : [16, 128, 128];
          assertEquals(pixel(canvas.bytes, layout, px, py), expected, `${other} of ${count}`);
        }
      });
    }
  }
});

Deno.test({ name: "Canvas writes names on a dark ground", permissions: "none" }, () => {
  const layout = gridLayout(2);
  const { tile, width } = layout;
  const canvas = new Canvas(layout, ["I", "I"]);
  canvas.put(1, new Uint8Array(pictureBytes(tile)).fill(180));
  for (const { x, y } of layout.places) {
    const corner = [x, y + tile.height - 1] as const;
    assertEquals(pixel(canvas.bytes, layout, ...corner), [16, 128, 128]);
    let white = 0;
    for (let row = y + tile.height - 24; row < y + tile.height; row++) {
      const strip = canvas.bytes.subarray(row * width + x, row * width + x + 22);
      white += strip.filter((level) => level === 235).length;
    }
    assert(white === 11 * 4, `${white}`); // an I has 7 + 2 + 2 pixels, each drawn as 2x2
  }
});
