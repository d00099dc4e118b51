import type { Endpoint } from '@berth/distribution';
import type { AdminRoute } from '@berth/protocol';
import { sha256, type Registry } from '../support/registry.ts';

export interface Request {
  readonly method: string;
  /** From the root on. */
  readonly path: string;
  readonly body?: string | undefined;
}

/** What is there and what is not, of names that are equally long. */
export interface Thing {
  readonly repository: string;
  readonly robot: string;
  /** Ids. */
  readonly grant: string;
  readonly token: string;
  /** Id of an upload that its owner began. */
  readonly upload: string;
}

export interface Known {
  readonly manifest: string;
  readonly blob: string;
}

/** Below the name of a repository; every endpoint of the registry API has at least one. */
function argumentsOf({ manifest, blob }: Known, { upload }: Thing): Record<Endpoint, readonly string[]> {
  return {
    manifests: ['manifests/latest', 'manifests/none', `manifests/${manifest}`, `manifests/${sha256('')}`],
    blobs: [`blobs/${blob}`, `blobs/${sha256('none')}`],
    uploads: [
      'blobs/uploads/',
      `blobs/uploads/?digest=${sha256('x')}`,
      `blobs/uploads/?mount=${blob}`,
      `blobs/uploads/?mount=${blob}&from=other/app`,
    ],
    upload: [`blobs/uploads/${upload}`, `blobs/uploads/${upload}?digest=${sha256('x')}`],
    tags: ['tags/list', 'tags/list?n=1', 'tags/list?last=a'],
    referrers: [`referrers/${manifest}`, `referrers/${manifest}?artifactType=a/b`],
  };
}

/** Every row of the registry API, each in all its forms. Throws for an endpoint that nobody thought of here. */
export function registryRequests({ routes }: Registry, known: Known, thing: Thing): Request[] {
  return routes.flatMap(({ endpoint, method }) => {
    const found = argumentsOf(known, thing)[endpoint];
    if (found === undefined) throw new Error(`say in ${import.meta.filename} how ${endpoint} is asked`);
    const methods = method === 'GET' ? ['GET', 'HEAD'] : [method];
    const body = ['PUT', 'POST', 'PATCH'].includes(method) ? '{}' : undefined;
    return methods.flatMap((method) =>
      found.map((path) => ({ method, path: `/v2/${thing.repository}/${path}`, body })),
    );
  });
}

type Asked = (thing: Thing) => { readonly path?: string; readonly body?: object };

/** A row that says nothing of a repository, or nothing to who is no administrator. */
const silent = null;

/** How the rows of the administration API are asked about a thing. Those with a repository in the path need no entry. */
const administration: Readonly<Record<string, Asked | typeof silent>> = {
  'GET /repositories': ({ repository }) => ({ path: `/repositories?last=${repository.slice(0, -1)}` }),
  'POST /explain': ({ repository }) => ({
    body: { repository, actions: ['pull', 'push', 'create', 'admin'] },
  }),
  'GET /grants': ({ repository }) => ({ path: `/grants?repository=${repository}` }),
  'POST /grants': ({ repository }) => ({ body: { subject: 'user:plain', repository, role: 'reader' } }),
  'GET /grants/:id': ({ grant }) => ({ path: `/grants/${grant}` }),
  'DELETE /grants/:id': ({ grant }) => ({ path: `/grants/${grant}` }),
  'GET /robots': () => ({}),
  'POST /robots': ({ repository }) => ({ body: { name: 'vault-new', pattern: repository } }),
  'GET /robots/:name': ({ robot }) => ({ path: `/robots/${robot}` }),
  'PATCH /robots/:name': ({ robot }) => ({ path: `/robots/${robot}`, body: { disabled: true } }),
  'DELETE /robots/:name': ({ robot }) => ({ path: `/robots/${robot}` }),
  'GET /tokens': ({ robot }) => ({ path: `/tokens?robot=${robot}` }),
  'POST /tokens': ({ robot }) => ({ body: { name: 'x', robot } }),
  'DELETE /tokens/:id': ({ token }) => ({ path: `/tokens/${token}` }),
  'GET /audit': ({ repository }) => ({ path: `/audit?repository=${repository}` }),
  'GET /gc': silent,
  'POST /gc': silent,
  'POST /verify': silent,
  'POST /check': silent,
  'POST /export': silent,
  'GET /jobs': silent,
  'GET /jobs/:id': silent,
  'GET /me': silent,
  'PUT /me/password': silent,
  'GET /users': silent,
  'POST /users': silent,
  'GET /users/:name': silent,
  'PATCH /users/:name': silent,
  'DELETE /users/:name': silent,
  'GET /teams': silent,
  'POST /teams': silent,
  'GET /teams/:team': silent,
  'DELETE /teams/:team': silent,
  'GET /teams/:team/members': silent,
  'PUT /teams/:team/members/:user': silent,
  'DELETE /teams/:team/members/:user': silent,
  'GET /keys': silent,
  'GET /keys/export': silent,
  'POST /keys/rotate': silent,
};

const inPath = '*repository';

/** What stands behind the name of a repository in a path, where that has a parameter. */
const parameters: Readonly<Record<string, (known: Known) => string>> = {
  ':reference': ({ manifest }) => manifest,
};

function filled(path: string, known: Known): string {
  return path.replace(/:\w+$/, (parameter) => {
    const value = parameters[parameter];
    if (value === undefined)
      throw new Error(`say in ${import.meta.filename} what ${parameter} is in ${path}`);
    return value(known);
  });
}

/** Rows of the administration API that nobody thought of here. */
export function unknownRows({ adminRoutes }: Registry): string[] {
  return adminRoutes
    .filter(({ path }) => !path.includes(inPath))
    .map(keyOf)
    .filter((key) => !Object.hasOwn(administration, key));
}

export function administrationRequests({ adminRoutes }: Registry, known: Known, thing: Thing): Request[] {
  return adminRoutes.flatMap((route) => {
    const { method, path } = route;
    const asked = path.includes(inPath)
      ? { path: filled(path, known).replace(inPath, thing.repository) }
      : administration[keyOf(route)]?.(thing);
    if (asked === undefined) return [];
    const body = method === 'GET' ? undefined : JSON.stringify(('body' in asked && asked.body) || {});
    return [{ method, path: `/api/v1${asked.path ?? path}`, body }];
  });
}

/** Rows that are said to tell nothing and can be read as they are. */
export function silentLists({ adminRoutes }: Registry): string[] {
  return adminRoutes
    .filter((route) => route.method === 'GET' && administration[keyOf(route)] === silent)
    .filter(({ path }) => !path.includes(':'))
    .map(({ path }) => `/api/v1${path}`);
}

function keyOf({ method, path }: AdminRoute): string {
  return `${method} ${path}`;
}
