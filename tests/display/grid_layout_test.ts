// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { gridLayout, labelFor } from "../../lib/display/grid_layout.ts";

Deno.test(
  { name: "gridLayout() has as many columns as rows, or one more", permissions: "none" },
  () => {
    const cases: [count: number, grid: string, tile: string, last: [number, number]][] = [
      [1, "1920x1080", "1920x1080", [0, 0]],
      [2, "1920x540", "960x540", [960, 0]],
      [3, "1920x1080", "960x540", [0, 540]],
      [4, "1920x1080", "960x540", [960, 540]],
      [5, "1920x720", "640x360", [640, 360]],
      [6, "1920x720", "640x360", [1280, 360]],
      [7, "1920x1080", "640x360", [0, 720]],
      [9, "1920x1080", "640x360", [1280, 720]],
      [12, "1920x810", "480x270", [1440, 540]],
      [13, "1920x1080", "480x270", [0, 810]],
    ];
    for (const [count, grid, tile, last] of cases) {
      const layout = gridLayout(count);
      assertEquals(`${layout.width}x${layout.height}`, grid, `${count}`);
      assertEquals(`${layout.tile.width}x${layout.tile.height}`, tile, `${count}`);
      assertEquals(layout.places.length, count);
      const { x, y } = layout.places[count - 1];
      assertEquals([x, y], last, `${count}`);
    }
  },
);

Deno.test(
  { name: "gridLayout() keeps everything even and within 1920x1080", permissions: "none" },
  () => {
    for (let count = 1; count <= 300; count++) {
      const { width, height, tile, places } = gridLayout(count);
      assert(width <= 1920 && height <= 1080, `${count}`);
      const seen = new Set<string>();
      for (const { x, y } of places) {
        for (const length of [x, y, tile.width, tile.height]) assertEquals(length % 2, 0);
        assert(x + tile.width <= width && y + tile.height <= height, `${count}`);
        seen.add(`${x},${y}`);
      }
      assertEquals(seen.size, count);
    }
  },
);

Deno.test({ name: "labelFor() writes what fits into a tile", permissions: "none" }, () => {
  const tile = { width: 960, height: 540 };
  const cases: [name: string, text: string][] = [
    ["door", "DOOR"],
    ["Küche", "KUCHE"],
    ["猫", "?"],
    ["", ""],
    ["x".repeat(79), "X".repeat(79)],
    ["x".repeat(80), `${"X".repeat(76)}...`],
  ];
  for (const [name, text] of cases) {
    const label = labelFor(name, tile);
    assertEquals(label.text, text);
    assertEquals(label.scale, 2);
    assert(label.width <= tile.width && label.width % 2 === 0 && label.height % 2 === 0);
  }
  for (let count = 1; count <= 300; count++) {
    const { tile } = gridLayout(count);
    const { width, height } = labelFor("long ".repeat(100), tile);
    assert(width <= tile.width && height <= tile.height, `${count}`);
  }
});
