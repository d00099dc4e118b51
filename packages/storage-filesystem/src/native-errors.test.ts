import { expect, test } from 'vitest';

import { nativeCode } from './native-errors.ts';
import { systemError } from './testing/recording-file-system.ts';

test.for([
  ['ENOENT', 'NOT_FOUND'],
  ['ENOTDIR', 'NOT_FOUND'],
  ['ELOOP', 'NOT_FOUND'],
  ['ENXIO', 'NOT_FOUND'],
  ['ENOSPC', 'NO_SPACE'],
  ['EDQUOT', 'NO_SPACE'],
  ['EACCES', 'ACCESS_DENIED'],
  ['EPERM', 'ACCESS_DENIED'],
  ['EROFS', 'ACCESS_DENIED'],
  ['EIO', undefined],
] as const)('%s is %s', ([errno, code]) => {
  expect(nativeCode(systemError(errno))).toBe(code);
});
