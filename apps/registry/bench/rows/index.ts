import { blob } from './blob.ts';
import { catalog } from './catalog.ts';
import { manifestByDigest } from './manifest-by-digest.ts';
import { manifestByTag } from './manifest-by-tag.ts';
import { memory } from './memory.ts';
import { push10kb } from './push-10kb.ts';
import { push1mb } from './push-1mb.ts';
import { push256mib } from './push-256mib.ts';
import type { Row, Tools } from './row.ts';

/** In the order in which they are printed. */
export function allRows(tools: Tools): Row[] {
  const makers = [manifestByTag, manifestByDigest, blob, push1mb, push10kb, push256mib, catalog, memory];
  return makers.map((make) => make(tools));
}
