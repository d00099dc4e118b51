import type { AdminRoute } from '@berth/protocol';
import { z } from 'zod';
import { nounOf, operationIdOf, parametersOf } from './path.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** One call, as OpenAPI has it. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

/** The error shape of the registry: OCI distribution specification 1.1, "Error Codes". */
const problem = z.object({
  errors: z.array(z.object({ code: z.string(), message: z.string(), detail: z.unknown().optional() })),
});

export const components = {
  securitySchemes: {
    basic: { type: 'http', scheme: 'basic', description: 'Name, and password or personal access token' },
    bearer: { type: 'http', scheme: 'bearer', description: 'Personal access token' },
  },
  schemas: { Problem: jsonSchema(problem, 'output') },
  responses: {
    Refused: { description: 'The call was refused', ...problemContent() },
    Failed: { description: 'The server could not answer', ...problemContent() },
  },
};

export function operation({ method, path, summary, query, body, response }: AdminRoute): Operation {
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  return {
    operationId: operationIdOf(method, path),
    tags: [nounOf(path)],
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: requestBody(body) }),
    responses: {
      '2XX': {
        description: response === undefined ? 'Done; there is no body' : 'Done',
        ...(response !== undefined && json(jsonSchema(response, 'output'))),
      },
      '4XX': { $ref: '#/components/responses/Refused' },
      '5XX': { $ref: '#/components/responses/Failed' },
    },
  };
}

function requestBody(body: z.ZodType): object {
  return { required: !body.safeParse(undefined).success, ...json(jsonSchema(body, 'input')) };
}

function pathParameters(path: string): Parameter[] {
  return parametersOf(path).map(({ name, slashes }) => ({
    name,
    in: 'path',
    required: true,
    ...(slashes && { description: 'Holds slashes, which are sent as they are: `team/app`' }),
    schema: { type: 'string' },
  }));
}

function queryParameters(query: AdminRoute['query']): Parameter[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: schema as JsonSchema,
  }));
}

/** What a refinement asks for beyond the schema is said by the error of the call. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return rest;
}

function json(schema: JsonSchema): { readonly content: object } {
  return { content: { 'application/json': { schema } } };
}

function problemContent(): { readonly content: object } {
  return json({ $ref: '#/components/schemas/Problem' });
}
