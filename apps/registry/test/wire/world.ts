import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { basic, imageType, password, sha256, startRegistry } from '../support/registry.ts';
import { blobOf, config, layer, manifest, manifestOf, type Caller, type Row, type Table } from './row.ts';

export interface Answer {
  readonly status: number;
  /** Lines of one name are joined by commas, but for `Set-Cookie`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface World {
  /** Puts what was kept, and the origin, where `$name` stands. */
  fill(text: string): string;
  keep(name: string, value: string): void;
  send(row: Pick<Row, 'ask' | 'by' | 'type' | 'headers' | 'body'>): Promise<Answer>;
  remove(): Promise<void>;
}

const everything = [
  ...['team/app', 'team/other', 'team/new', 'team/big', 'open/app', 'secret/app', 'team/absent'].map(
    (name) => `repository:${name}:pull,push,delete`,
  ),
  'registry:catalog:*',
];

/**
 * A registry that holds the same image as `team/app:1` and `secret/app:1`, both private, and as `open/app:1`, which is
 * public; with the accounts `writer` and `stranger` beside the admin.
 */
export async function startWorld({
  env = {},
  restartedWith,
}: Pick<Table, 'env' | 'restartedWith'>): Promise<World> {
  let registry = await startRegistry({ env });
  const kept = new Map([['origin', registry.url]]);
  const writer = { user: 'writer', password: 'password of writer' };
  const stranger = { user: 'stranger', password: 'password of stranger' };
  for (const { user, password } of [writer, stranger]) {
    await registry.api('POST', '/users', { name: user, password });
  }
  await registry.api('POST', '/grants', {
    subject: 'user:writer',
    repository: 'team/**',
    actions: ['pull', 'push'],
  });
  const authorization = new Map<Caller, string>([
    ['password', basic({ user: 'admin', password })],
    ['writer-password', basic(writer)],
    ['stranger-password', basic(stranger)],
  ]);
  const login = async (caller: Caller, scopes: readonly string[], who?: typeof writer) =>
    void authorization.set(caller, `Bearer ${await registry.token(scopes, who)}`);
  const fill = (text: string) =>
    text.replace(/\$([a-z]+)/g, (_, name: string) => kept.get(name) ?? `$${name}`);
  const send: World['send'] = ({ ask: [method, target], by = 'all', type, headers, body }) => {
    const puts = method === 'PUT' && target.includes('/manifests/');
    const contentType = type ?? (puts ? imageType : undefined);
    const known = authorization.get(by);
    return sendRaw(registry.port, {
      method,
      path: fill(target),
      headers: {
        ...(known !== undefined && { authorization: known }),
        ...(contentType !== undefined && contentType !== '' && { 'content-type': contentType }),
        ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, fill(value)])),
      },
      body: typeof body === 'string' ? fill(body) : body,
    });
  };

  await login('all', everything);
  for (const name of ['team/app', 'open/app', 'secret/app']) await fillRepository(send, name);
  await registry.api('PATCH', '/repositories/open/app', { visibility: 'public' });
  await login('all', everything);
  await login('pull', ['repository:team/app:pull']);
  await login('push', ['repository:team/app:pull,push']);
  await login('delete', ['repository:team/app:delete']);
  await login('empty', []);
  await login('writer', everything, writer);
  await login('stranger', everything, stranger);
  const query = new URLSearchParams(everything.map((scope) => ['scope', scope]));
  const anonymous = await send({ ask: ['GET', `/auth/token?${query}`], by: 'nobody' });
  authorization.set('anonymous', `Bearer ${(JSON.parse(anonymous.text) as { token: string }).token}`);
  if (restartedWith !== undefined) {
    registry = await registry.restart({ env: restartedWith });
    kept.set('origin', registry.url);
  }
  return {
    fill,
    keep: (name, value) => void kept.set(name, value),
    send,
    remove: () => registry.remove(),
  };
}

async function fillRepository(send: World['send'], name: string): Promise<void> {
  for (const body of [config, layer]) {
    await send({ ask: ['POST', `/v2/${name}/blobs/uploads/?digest=${sha256(body)}`], body });
  }
  const { status, text } = await send({ ask: ['PUT', manifestOf('1', name)], body: manifest });
  if (status !== 201) throw new Error(`${blobOf('', name)}: ${status} ${text}`);
}

interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Uint8Array | undefined;
}

/** The target goes out as it is, and a body in chunks where `Transfer-Encoding` says so, which `fetch` cannot do. */
function sendRaw(port: number, { method, path, headers, body }: RawRequest): Promise<Answer> {
  const chunked = headers['transfer-encoding'] !== undefined;
  const content = body === undefined ? undefined : Buffer.from(body);
  const length = content === undefined || chunked ? {} : { 'content-length': content.length };
  return new Promise((resolve, reject) => {
    const options = {
      port,
      host: '127.0.0.1',
      method,
      path,
      headers: { ...length, ...headers },
      agent: false,
    };
    const call = httpRequest(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const single = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(single), text });
      });
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(content);
  });
}
