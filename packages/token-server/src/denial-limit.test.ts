import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAuditLog, type BufferedAuditLog } from './audit-log.ts';
import type { TokenDatabase } from './database.ts';
import { limitAnonymousDenials } from './denial-limit.ts';
import { openTemporary, silent } from './testing/server.ts';

let database: TokenDatabase;
let remove: () => Promise<void>;
let audit: BufferedAuditLog;

const limits = { interval: 60_000, ofOne: 3, ofAll: 5 };

beforeEach(async () => {
  ({ database, remove } = await openTemporary());
  audit = limitAnonymousDenials(createAuditLog({ database, logger: silent }), limits);
});

afterEach(() => remove());

function deny(address: string, count: number): void {
  const event = { action: 'registry.pull', outcome: 'denied', actor: 'anonymous', address } as const;
  for (let index = 0; index < count; index += 1) audit.record(event);
}

/** `<action> <address>: <count>` for each row. */
async function written(): Promise<string[]> {
  await audit.close();
  const rows = await database.reader.selectFrom('audit').selectAll().orderBy('id').execute();
  return rows.map(
    ({ action, address, after }) => `${action} ${address}${after === null ? '' : `: ${after}`}`,
  );
}

test('an anonymous client that is denied again and again is written down a few times, and counted', async () => {
  deny('192.0.2.1', 1000);
  expect(await written()).toEqual([
    ...Array<string>(3).fill('registry.pull 192.0.2.1'),
    'audit.drop 192.0.2.1: {"count":997}',
  ]);
});

test('it hides nobody else, and its addresses within one network are one', async () => {
  for (let index = 0; index < 100; index += 1) deny(`2001:db8::${index}`, 1);
  deny('192.0.2.2', 1);
  expect(await written()).toEqual([
    'registry.pull 2001:db8::0',
    'registry.pull 2001:db8::1',
    'registry.pull 2001:db8::2',
    'registry.pull 192.0.2.2',
    'audit.drop 2001:db8:0:0::/64: {"count":97}',
  ]);
});

test('many clients are not written down for ever either', async () => {
  for (let index = 0; index < 200; index += 1) deny(`192.0.2.${index}`, 1);
  const rows = await written();
  expect(rows.length).toBe(6);
  expect(rows.at(-1)).toBe('audit.drop null: {"count":195}');
});

test('what accounts do is not limited, and the next interval begins anew', async () => {
  audit = limitAnonymousDenials(createAuditLog({ database, logger: silent }), { ...limits, interval: 20 });
  for (let index = 0; index < 10; index += 1) {
    audit.record({ action: 'registry.pull', outcome: index < 5 ? 'denied' : 'failed', actor: 'alice' });
  }
  deny('192.0.2.1', 4);
  await new Promise((resolve) => void setTimeout(resolve, 100));
  deny('192.0.2.1', 1);
  expect((await written()).slice(10)).toEqual([
    ...Array<string>(3).fill('registry.pull 192.0.2.1'),
    'audit.drop 192.0.2.1: {"count":1}',
    'registry.pull 192.0.2.1',
  ]);
});

test('failed logins of many addresses do not fill the disk, whatever names they try', async () => {
  for (let index = 0; index < 200; index += 1) {
    const address = `192.0.2.${index}`;
    audit.record({ action: 'login', outcome: 'failed', actor: `name${index}`, address });
  }
  const rows = await written();
  expect(rows.length).toBe(6);
  expect(rows.at(-1)).toBe('audit.drop null: {"count":195}');
});
