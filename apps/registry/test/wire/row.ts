import { imageManifest, imageType, indexType, sha256 } from '../support/registry.ts';

/** Who asks: with a token for all of the repositories, with one that holds less, by Basic, or without anything. */
export type Caller =
  /** The admin's token for all that the tables touch. The default. */
  | 'all'
  /** The admin's tokens with these actions on `team/app` only. */
  | 'pull'
  | 'push'
  | 'delete'
  /** The admin's token as of a login: without scopes. */
  | 'empty'
  /** A token that nobody in particular got, for what it could get. */
  | 'anonymous'
  /** The token of an account that may pull and push in `team/**`, but neither create, overwrite nor delete. */
  | 'writer'
  /** The token of an account that may do nothing here. */
  | 'stranger'
  /** The admin, by Basic. */
  | 'password'
  /** The other two, by Basic. */
  | 'writer-password'
  | 'stranger-password'
  /** No `Authorization`. */
  | 'nobody';

/** One request and what has to come back. `$name` in target, headers and body is what an earlier row kept, or `$origin`. */
export interface Row {
  /** Of the rules of `docs/interoperability.md`. */
  readonly rule?: number;
  readonly it: string;
  /** Method and target. */
  readonly ask: readonly [string, string];
  readonly by?: Caller;
  /** Content-Type; that of an image for PUT of a manifest. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** So many send it at once, and all of them get this answer, or one at least. */
  readonly crowd?: { readonly size: number; readonly answered: 'all' | 'one' };
  /** Status, and the code of the error. */
  readonly is: readonly [number, string?];
  /** Headers of the answer; `null`: not there. `$origin` stands in texts. */
  readonly answers?: Readonly<Record<string, string | RegExp | null>>;
  readonly text?: string | RegExp;
  /** What the token of the answer holds: its header and its payload together. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Headers of the answer to keep, by name. */
  readonly keeps?: Readonly<Record<string, string>>;
  /** Fields of the JSON answer to keep, by name. */
  readonly keepsField?: Readonly<Record<string, string>>;
  /** The answer to GET of the same has the same status and headers. */
  readonly mirrorsGet?: true;
}

/** Rows in their order, on a registry that nothing else touches. */
export interface Table {
  readonly name: string;
  /** `REGISTRY_*` variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Those of a second start, with what the first one was filled with: where such a registry could not be filled. */
  readonly restartedWith?: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

export const config = '{"architecture":"amd64","os":"linux"}';
export const layer = 'the bytes of a layer';
export const manifest = imageManifest(config, [layer]);
export const digest = sha256(manifest);
export const layerDigest = sha256(layer);
export const absent = sha256('never pushed');

/** Another image of the same blobs. */
export function variant(name: string): string {
  return imageManifest(config, [layer], { annotations: { name } });
}

export function indexOf(children: readonly string[], more: object = {}): string {
  const manifests = children.map((child) => ({
    mediaType: imageType,
    digest: sha256(child),
    size: child.length,
  }));
  return JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests, ...more });
}

export const uploads = '/v2/team/app/blobs/uploads/';
export const manifestOf = (reference: string, repository = 'team/app') =>
  `/v2/${repository}/manifests/${reference}`;
export const blobOf = (digest: string, repository = 'team/app') => `/v2/${repository}/blobs/${digest}`;

/** The challenge that asks for these scopes. */
export function challenge(scope: string, error?: 'invalid_token' | 'insufficient_scope') {
  const parts = [
    'realm="$origin/auth/token"',
    'service="berth"',
    ...(scope === '' ? [] : [`scope="${scope}"`]),
    ...(error === undefined ? [] : [`error="${error}"`]),
  ];
  return { 'www-authenticate': `Bearer ${parts.join(',')}` };
}

/** The `Location` of a session of `team/app`. */
export const session = /^\/v2\/team\/app\/blobs\/uploads\/[0-9a-f-]{36}$/;

/** A session of its own, under `name`. */
export function begin(name: string, query = ''): Row {
  return {
    it: `session ${name} begins`,
    ask: ['POST', uploads + query],
    is: [202],
    keeps: { [name]: 'location' },
  };
}
