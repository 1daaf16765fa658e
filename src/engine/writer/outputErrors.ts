import { RequestError } from '../../core/errors';

/** Says in one sentence why an output could not be written; errors that are not the disk's pass unchanged. */
export function explainWriteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new RequestError(
        'DISK_FULL',
        `There is not enough room on the disk to write ${path}.`,
      );
    case 'EFBIG':
      return new RequestError(
        'DISK_FULL',
        `The file system cannot hold a file as large as ${path}.`,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new RequestError(
        'OUTPUT_NOT_WRITABLE',
        `${path} cannot be written: permission denied.`,
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new RequestError('OUTPUT_FOLDER_MISSING', `The folder of ${path} does not exist.`);
    case 'EISDIR':
      return new RequestError('OUTPUT_IS_FOLDER', `${path} is a folder.`);
    case 'ENAMETOOLONG':
      return new RequestError('OUTPUT_NAME', `${path} is too long for a file name.`);
    case 'EIO':
      return new RequestError(
        'DISK_FAILED',
        `The disk reported an error while ${path} was written.`,
      );
    default:
      return error;
  }
}
