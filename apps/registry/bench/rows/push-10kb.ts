import { pushImages } from './push-images.ts';
import type { Row, Tools } from './row.ts';

export function push10kb(tools: Tools): Row {
  return {
    key: 'push-10kb',
    title: 'push of images with one 10 kB layer, 8 at once, images/s',
    needsWrk: false,
    prepare: (server) => pushImages(tools, server, 'push-10kb', 10_000),
  };
}
