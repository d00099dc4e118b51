import { pushImages } from './push-images.ts';
import type { Row, Tools } from './row.ts';

export function push1mb(tools: Tools): Row {
  return {
    key: 'push-1mb',
    title: 'push of images with one 1 MB layer, 8 at once, images/s',
    needsWrk: false,
    prepare: (server) => pushImages(tools, server, 'push-1mb', 1_000_000),
  };
}
