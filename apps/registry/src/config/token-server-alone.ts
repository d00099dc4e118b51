import type { Report } from './inspect.ts';
import { isSection, type Section } from './normalise.ts';

/**
 * `storage: none` makes Berth a token server alone, which has to know accounts, and a registry that its tokens are for.
 * Reports what does not go with it, and answers the section without what is about blobs.
 */
export function checkTokenServerAlone(root: Section, report: Report): Section {
  const { storage, auth } = root;
  if (!isSection(storage) || storage['none'] === undefined) return root;
  for (const name of ['delete', 'maintenance'].filter((name) => storage[name] !== undefined)) {
    report(`storage.${name}`, `storage.${name} has no effect with storage: none`, false);
  }
  checkAuth(auth ?? { builtin: {} }, auth === undefined ? 'storage.none' : 'auth.builtin', report);
  return { ...root, storage: { none: storage['none'] } };
}

/** `place` is the key to which the lack of services is reported. */
function checkAuth(auth: unknown, place: string, report: Report): void {
  if (!isSection(auth)) return;
  const [kind] = Object.keys(auth);
  const { builtin } = auth;
  if (kind !== undefined && builtin === undefined) {
    const message = `auth: ${kind} does not go with storage: none: a token server needs auth.builtin`;
    report(`auth.${kind}`, message, true);
  }
  if (isSection(builtin) && isEmpty(builtin['services'])) report(place, needsServices, true);
}

const needsServices =
  'storage: none makes Berth a token server alone, and without auth.builtin.services it would make tokens for nobody: ' +
  'name the registries, such as [{name: registry.example.com}]';

function isEmpty(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.length === 0);
}
