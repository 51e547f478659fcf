/**
 * Who may read the files that a program writes.
 *
 * @module
 */

/** Permissions of new files and folders, before the umask is applied. */
export interface Access {
  /** Of a file. */
  readonly file: number;
  /** Of a folder. */
  readonly folder: number;
}

/** Only the user of this program may read: pictures of a camera are private. */
export const PRIVATE: Access = { file: 0o600, folder: 0o700 };

/** The umask decides, as for most programs. */
export const SHARED: Access = { file: 0o666, folder: 0o777 };
