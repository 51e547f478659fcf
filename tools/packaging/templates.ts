/**
 * Files for other people's package managers, from the templates in `packaging/`.
 *
 * @module
 */

import { CamcatError } from "../../lib/base/errors.ts";

/** The templates, by the names of the files that are made of them. */
export const TEMPLATES: Record<string, string> = {
  "install.sh": "install.sh",
  "camcat.rb": "homebrew/camcat.rb",
  PKGBUILD: "arch/PKGBUILD",
  "flake.nix": "nix/flake.nix",
  "camcat.camcat.yaml": "winget/camcat.camcat.yaml",
  "camcat.camcat.locale.en-US.yaml": "winget/camcat.camcat.locale.en-US.yaml",
  "camcat.camcat.installer.yaml": "winget/camcat.camcat.installer.yaml",
};

/** What stands in for the names in templates. */
export interface Release {
  version: string;
  /** Where the project is. */
  homepage: string;
  /** The folder that the archives can be fetched from. */
  url: string;
  /** The SHA-256 of each archive, in hexadecimal, by its name. */
  sums: ReadonlyMap<string, string>;
}

/**
 * Fills in a template: `@VERSION@`, `@PKGVER@` (which may have no hyphen), `@HOMEPAGE@`, `@URL@`,
 * `@SUMS@` and `@SHA256 NAME@`.
 *
 * @throws {CamcatError} if the release has no archive of a name in it
 */
export function filled(template: string, { version, homepage, url, sums }: Release): string {
  return template.replaceAll("@VERSION@", version)
    .replaceAll("@PKGVER@", version.replaceAll("-", "_"))
    .replaceAll("@HOMEPAGE@", homepage)
    .replaceAll("@URL@", url)
    .replaceAll("@SUMS@", [...sums].map(([name, sum]) => `${sum}  ${name}`).join("\n"))
    .replaceAll(/@SHA256 ([^@]+)@/g, (_, name) => {
      const sum = sums.get(name);
      if (sum !== undefined) return sum;
      throw new CamcatError(`Cannot fill in a template: the release has no ${name}`);
    });
}

/** The names of the archives that a template needs. */
export function neededBy(template: string, version: string): string[] {
  const text = template.replaceAll("@VERSION@", version);
  return [...text.matchAll(/@SHA256 ([^@]+)@/g)].map(([, name]) => name);
}
