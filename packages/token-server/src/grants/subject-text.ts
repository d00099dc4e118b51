import { isNameComponent } from '@berth/protocol';
import type { GrantSubject } from '../policy/grant.ts';

/** `user:alice`, `team:core`, `robot:ci`, `authenticated`, `anonymous`; `undefined` for anything else. */
export function parseGrantSubject(text: string): GrantSubject | undefined {
  if (text === 'authenticated' || text === 'anonymous') return { kind: text, name: null };
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  const name = text.slice(colon + 1);
  if (kind !== 'user' && kind !== 'team' && kind !== 'robot') return undefined;
  return isNameComponent(name) ? { kind, name } : undefined;
}
