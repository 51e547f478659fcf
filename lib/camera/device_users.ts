/**
 * The programs that use a device.
 *
 * @module
 */

/** The most programs named in a message. */
const MAX_NAMED = 3;

/**
 * The programs that have a device open, e.g. `ffmpeg (process 1234)`, on Linux. Only root sees the
 * programs of other users. The names are those of the executables: Deno lets a program read the
 * links in /proc, but no file there.
 */
export function usersOf(device: string): string[] {
  const users = [];
  for (const process of namesIn("/proc")) {
    if (!/^\d+$/.test(process)) continue;
    const fds = `/proc/${process}/fd`;
    if (!namesIn(fds).some((fd) => linkAt(`${fds}/${fd}`) === device)) continue;
    const program = linkAt(`/proc/${process}/exe`)?.replace(/^.*\/| \(deleted\)$/g, "");
    users.push(program ? `${program} (process ${process})` : `process ${process}`);
  }
  return users.slice(0, MAX_NAMED);
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // another user's process, one that has ended, or another system
  }
}

function linkAt(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}
