/** What a user can cause: told, never thrown. */
export interface InputError {
  readonly kind: 'missing' | 'unreadable' | 'truncated' | 'corrupt' | 'bomb';
  /** The file as the user named it, `-` for standard input. */
  readonly path: string;
  /** One line that says what is wrong, without the path. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a folder',
  ELOOP: 'too many symbolic links',
  ENXIO: 'a socket or device that can not be opened',
  ENAMETOOLONG: 'the name is too long',
};

/** The error of a file operation as a value. */
export function fileError(path: string, error: unknown): InputError {
  const code = errorCode(error);
  const text = error instanceof Error ? error.message : String(error);
  return {
    kind: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable',
    path,
    message: MESSAGES[code] ?? text,
  };
}

/** Node's or zlib's code of an error, empty when it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
