/**
 * The version, from the one place where it is written.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** The version of camcat. */
export const VERSION: string = config.version;
