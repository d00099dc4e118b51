import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Distribution } from '@berth/distribution';
import type { AdminRoute, Logger } from '@berth/protocol';
import { loadConfiguration } from '../../src/config/index.ts';
import { listen } from '../../src/listen.ts';
import { silentLogger } from '../../src/logging.ts';
import { adminRoutesOf, openParts } from '../../src/parts.ts';
import { createHandler } from '../../src/server.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';

export const password = 'the password of the admin';

/** All of Berth in this process, on a folder of its own and a free port. */
export interface Registry {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  /** Where the blobs are. */
  readonly folder: string;
  /** A token with these scopes, for the admin or the account named. */
  token(scopes: readonly string[], who?: { user: string; password: string }): Promise<string>;
  /** The administration API, as the admin. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>;
  /** Every row of the registry API that names a repository, and every row of the administration API. */
  readonly routes: Distribution['routes'];
  readonly adminRoutes: readonly AdminRoute[];
  /** Stops it, and starts another one on its data: this one is over then. */
  restart(options: RegistryOptions): Promise<Registry>;
  remove(): Promise<void>;
}

export interface RegistryOptions {
  /** `REGISTRY_*` variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
}

export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  return open(await temporaryFolder(), options);
}

async function open(
  folder: string,
  { env = {}, logger = silentLogger() }: RegistryOptions,
): Promise<Registry> {
  const files = { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: join(folder, 'data') };
  const settings = { ...(env['REGISTRY_STORAGE'] === undefined && files), ...env };
  const { configuration } = loadConfiguration({ env: settings, cwd: folder, systemPaths: [] });
  const parts = await openParts(configuration, logger);
  await parts.distribution?.recover();
  await parts.tokenServer.ensureAdmin({ password });
  const listening = await listen(createHandler({ parts }), { host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${listening.port}`;
  const stop = async () => {
    await listening.stop(1000);
    await parts.close();
  };
  return {
    url,
    port: listening.port,
    folder: join(folder, 'data'),
    routes: parts.distribution?.routes ?? [],
    adminRoutes: adminRoutesOf(parts),
    async token(scopes, who = { user: 'admin', password }) {
      const query = new URLSearchParams(scopes.map((scope) => ['scope', scope]));
      const response = await fetch(`${url}/auth/token?${query}`, { headers: { authorization: basic(who) } });
      return ((await response.json()) as { token: string }).token;
    },
    async api(method, path, body) {
      const headers = {
        authorization: basic({ user: 'admin', password }),
        'content-type': 'application/json',
      };
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const response = await fetch(`${url}/api/v1${path}`, init);
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async restart(options) {
      await stop();
      return open(folder, options);
    },
    async remove() {
      await stop();
      await removeFolder(folder);
    },
  };
}

export function basic({ user, password }: { user: string; password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

export function sha512(content: string | Uint8Array): string {
  return `sha512:${createHash('sha512').update(content).digest('hex')}`;
}

export const imageType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';

/** The text of an image manifest over blobs that are texts themselves. */
export function imageManifest(config: string, layers: readonly string[], more: object = {}): string {
  const descriptor = (content: string, mediaType: string) => ({
    mediaType,
    digest: sha256(content),
    size: Buffer.byteLength(content),
  });
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: descriptor(config, 'application/vnd.oci.image.config.v1+json'),
    layers: layers.map((layer) => descriptor(layer, 'application/vnd.oci.image.layer.v1.tar')),
    ...more,
  });
}
