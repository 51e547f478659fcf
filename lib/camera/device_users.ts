/**
 * Who holds a device.
 *
 * @module
 */

/** How many are named at most. */
const MAX_NAMED = 3;

/**
 * The programs that have a device open, as `ffmpeg (process 1234)`, on Linux; of other
 * users only root sees them. Names are those of the files that run: Deno lets a program
 * read the links in /proc, but no file there.
 */
export function usersOf(device: string): string[] {
  const holders = [];
  for (const process of namesIn("/proc")) {
    if (!/^\d+$/.test(process)) continue;
    const fds = `/proc/${process}/fd`;
    if (!namesIn(fds).some((fd) => linkAt(`${fds}/${fd}`) === device)) continue;
    const program = linkAt(`/proc/${process}/exe`)?.replace(/^.*\/| \(deleted\)$/g, "");
    holders.push(program ? `${program} (process ${process})` : `process ${process}`);
  }
  return holders.slice(0, MAX_NAMED);
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // another user's, or gone meanwhile, or no Linux
  }
}

function linkAt(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}
