import type { AuditEvent } from '@berth/protocol';
import { expect, test } from 'vitest';
import { createRefusals } from './refusals.ts';

test('beyond the bound, what is new is one row together, and what is known counts on', () => {
  const rows: AuditEvent[] = [];
  const refusals = createRefusals({ audit: { record: (event) => void rows.push(event) }, most: 2 });
  for (const actor of ['alice', 'bob', 'carol', 'dave', 'alice'])
    refusals.add({ actor, address: '192.0.2.7' });
  refusals.flush();
  const reason = (count: number) => expect.stringContaining(`: ${count} login`);
  expect(rows).toMatchObject([
    { actor: 'alice', address: '192.0.2.7', reason: reason(2) },
    { actor: 'bob', address: '192.0.2.7', reason: reason(1) },
    { actor: 'anonymous', reason: reason(2) },
  ]);
  refusals.flush();
  expect(rows.length).toBe(3);
});
