import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { BerthProcess, Person } from './berth-process.ts';
import { until } from './waiting.ts';

/** The Basic credentials of somebody, as the `Authorization` header has them. */
export function basic({ name, password }: Person): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

/** A token of the token endpoint for one scope, as a client gets it. Without a person it is anonymous. */
export async function fetchToken(berth: BerthProcess, scope: string, who?: Person): Promise<string> {
  const query = new URLSearchParams({ service: 'berth', scope });
  const headers = who === undefined ? {} : { authorization: basic(who) };
  const answer = await fetch(`${berth.url}/auth/token?${query}`, { headers });
  if (answer.status !== 200)
    throw new Error(`no token for ${scope}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { token: string }).token;
}

/** GET of the registry API with a token. `path` is below `/v2/`. */
export function fetchWith(berth: BerthProcess, token: string, path: string): Promise<Response> {
  const accept =
    'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
  return fetch(`${berth.url}/v2/${path}`, { headers: { authorization: `Bearer ${token}`, accept } });
}

/** The names that somebody sees in the catalog. */
export async function catalogOf(berth: BerthProcess, who?: Person): Promise<string[]> {
  const token = await fetchToken(berth, 'registry:catalog:*', who);
  const answer = await fetchWith(berth, token, '_catalog');
  if (answer.status !== 200) throw new Error(`no catalog: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { repositories: string[] }).repositories;
}

/** The tags that somebody sees, or the status of the refusal. */
export async function tagsOf(
  berth: BerthProcess,
  repository: string,
  who?: Person,
): Promise<string[] | number> {
  const token = await fetchToken(berth, `repository:${repository}:pull`, who);
  const answer = await fetchWith(berth, token, `${repository}/tags/list`);
  if (answer.status !== 200) return answer.status;
  return ((await answer.json()) as { tags: string[] }).tags;
}

/** Waits until bytes of a request come to an upload session, in whose folder they have a file then. */
export async function untilWritten({ folder }: BerthProcess, session: string): Promise<void> {
  const file = join(folder, 'berth/uploads', session.split('/').at(-1) ?? '');
  await until(`bytes of ${session}`, () =>
    access(file).then(
      () => true,
      () => undefined,
    ),
  );
}
