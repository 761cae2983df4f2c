import { DataError } from '../../core/errors/index.js';

/** What the operating system's refusal to open or read a file means to the user. */
export function unreadable(path: string, cause: unknown): DataError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const [name, fault] = code === 'ENOENT' ? ['data/missing-file', 'no such file'] : ['data/unreadable-file', message];
  return new DataError(name, `${path}: ${fault}`, {
    hint: 'Relative paths start at the file they are written in.',
    cause,
  });
}
