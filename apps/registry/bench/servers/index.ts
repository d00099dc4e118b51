import type { Options } from '../options.ts';
import { berth } from './berth.ts';
import { registry2 } from './registry2.ts';
import { registry3 } from './registry3.ts';
import type { ServerKind } from './server.ts';
import { zot } from './zot.ts';

/** In the order of the table's columns. */
export function serverKinds(options: Options): ServerKind[] {
  return [berth(options), registry2, registry3(options.registry3), zot(options.zot)];
}
