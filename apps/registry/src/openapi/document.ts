import type { AdminRoute } from '@berth/protocol';
import { components, operation, type Operation } from './operation.ts';
import { documentPath, pathOf } from './path.ts';

/** OpenAPI 3.1. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: object;
  readonly servers: readonly object[];
  readonly security: readonly object[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

export interface OpenApiOptions {
  readonly routes: readonly AdminRoute[];
  /** Of Berth. */
  readonly version: string;
}

/** The administration API as its tables of routes have it. */
export function openApiDocument({ routes, version }: OpenApiOptions): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    (paths[pathOf(route.path)] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  paths[documentPath] = { get: ownOperation };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const nouns = new Set(operations.flatMap(({ tags }) => tags));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Berth: administration API',
      version,
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ basic: [] }, { bearer: [] }],
    tags: [...nouns].map((name) => ({ name })),
    paths,
    components,
  };
}

/** Open to anyone: it says what is in the sources of Berth. */
const ownOperation: Operation = {
  operationId: 'getOpenapi',
  tags: ['openapi'],
  summary: 'This document',
  security: [],
  responses: {
    '200': {
      description: 'An OpenAPI document',
      content: { 'application/json': { schema: { type: 'object' } } },
    },
  },
};
