import { expect, test } from 'vitest';
import { cannedHandler, listen, type CannedAnswer } from './canned-server.ts';
import { run, type Surroundings } from './hosts.ts';

/** A command, what it asks of a server elsewhere, what that answers, and what the person sees. */
export interface CommandRow {
  readonly args: string;
  readonly given?: Surroundings;
  /** Method and path of each request, and what its body holds. */
  readonly asks?: readonly (readonly [request: string, body?: unknown])[];
  readonly answers?: readonly CannedAnswer[];
  readonly prints?: string;
  readonly complains?: string;
  readonly code?: number;
}

export const ok = (body?: unknown, status = 200): CannedAnswer =>
  body === undefined ? { status: 204 } : { status, body };

export const no = (status: number, code: string, message: string): CannedAnswer => ({
  status,
  body: { errors: [{ code, message }] },
});

export const list = (...items: unknown[]) => ok({ items });

export const lines = (...text: string[]) => `${text.join('\n')}\n`;

/** One test a row. `SERVER` stands for the address of the server, `HOST` for its host. */
export function testCommands(rows: readonly CommandRow[]): void {
  test.each(rows.map((row) => [row.args, row] as const))('berth %s', (_, row) => runRow(row));
}

async function runRow(row: CommandRow): Promise<void> {
  const { handler, requests } = cannedHandler(row.answers ?? []);
  await using server = await listen(handler);
  const environment = { server: server.url, user: 'admin', password: 'pa:ss' };
  const ended = await run(row.args.split(' '), { environment, ...row.given });
  const { host } = new URL(server.url);
  const complaint = ended.stderr.replaceAll(server.url, 'SERVER').replaceAll(host, 'HOST');

  if (row.complains === undefined) expect(ended.stderr).toBe('');
  else expect(complaint).toContain(row.complains);
  expect(ended.code).toBe(row.code ?? 0);
  if (row.prints !== undefined) expect(ended.stdout.replaceAll(host, 'HOST')).toBe(row.prints);
  if (ended.code !== 0) expect(ended.stdout).toBe('');
  const asked = requests.map(({ method, path, body }) => [`${method} ${path}`, body]);
  expect(asked).toEqual((row.asks ?? []).map(([request, body]) => [request, body]));
  for (const { method, authorization, contentType } of requests) {
    expect(authorization).toBe(`Basic ${Buffer.from('admin:pa:ss').toString('base64')}`);
    expect(contentType).toBe(method === 'GET' ? undefined : 'application/json');
  }
}
