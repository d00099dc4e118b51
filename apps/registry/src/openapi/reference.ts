import type { OpenApiDocument } from './document.ts';
import type { Operation } from './operation.ts';

/** The text of docs/api.md, made from the document. */
export function apiReference({ paths }: OpenApiDocument): string {
  const rows = Object.keys(paths)
    .toSorted()
    .flatMap((path) =>
      Object.entries(paths[path] ?? {}).map(([method, operation]) => callRow(method, path, operation)),
    );
  const head = [row('call', 'what it does', 'query', 'body'), row('---', '---', '---', '---')];
  return [introduction, ...head, ...rows, ''].join('\n');
}

function callRow(method: string, path: string, { summary, parameters = [], requestBody }: Operation): string {
  const query = parameters.filter((parameter) => parameter.in === 'query').map(fieldOf);
  return row(`\`${method.toUpperCase()} ${path}\``, summary, query.join(' '), bodyFields(requestBody));
}

function fieldOf({ name, required }: { readonly name: string; readonly required: boolean }): string {
  return `\`${name}${required ? '' : '?'}\``;
}

interface Body {
  readonly content: {
    readonly 'application/json': {
      readonly schema: { readonly properties?: object; readonly required?: readonly string[] };
    };
  };
}

function bodyFields(body: object | undefined): string {
  if (body === undefined) return '';
  const { properties = {}, required = [] } = (body as Body).content['application/json'].schema;
  return Object.keys(properties)
    .map((name) => fieldOf({ name, required: required.includes(name) }))
    .join(' ');
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

const introduction = `# Administration API

This page is made from the tables of routes. After a change there:
\`node --conditions=source apps/registry/scripts/api-reference.ts > docs/api.md\`; a test fails while it is out of date.

Everything is below \`/api/v1\`. \`GET /api/v1/openapi.json\` is the same as an OpenAPI 3.1 document, with the shape of every body and answer;
it needs no credentials. The command line (\`berth --help\`) is a client of this API and of nothing else.

## Who asks

- \`Authorization: Basic\`, with name and password, or with a personal access token in place of the password.
- \`Authorization: Bearer\`, with a personal access token. Tokens of \`/auth/token\` are for the registry and do nothing here.

\`\`\`sh
curl -u admin https://registry.example.com/api/v1/me
curl -u admin -H 'content-type: application/json' -d '{"name":"alice"}' https://registry.example.com/api/v1/users
\`\`\`

Without good credentials the answer is 401. What one may not see is not found, with the same 404 as for what does not exist. A personal access
token with limits reads what it may pull, and changes nothing.

## Bodies

JSON, and times as in RFC 3339. A call that changes something demands \`content-type: application/json\`, also where it has no body (else 415):
browsers on other sites cannot send it unasked. A field that a call does not know is an error. What a \`PATCH\` leaves out stays as it is. Where
there is nothing to answer, the status is 204.

In a path, \`{repository}\` holds the slashes of the name as they are: \`/repositories/team/app/-/tags\`.

## Lists

\`{"items": […], "next": "…"}\`. A page has \`n\` items, 100 unless given and at most 1,000. Where there is a \`next\`, give it as \`last\` for the page
that follows; where there is none, that was the last page.

## Errors

The shape of the registry: \`{"errors": [{"code", "message", "detail"?}]}\`. A wrong field is \`BAD_REQUEST\` (400) with \`detail.field\`. Others are
\`UNAUTHORIZED\` (401), \`DENIED\` (403), \`NOT_FOUND\` (404), \`UNSUPPORTED\` (405, with \`Allow\`), \`CONFLICT\` (409, such as a name that is taken),
\`PAYLOAD_TOO_LARGE\` (413, a body over 1 MiB) and \`TOOMANYREQUESTS\` (429).

## Dry runs

\`?dryRun=true\` on making or deleting a grant changes nothing and answers \`{"added": […], "removed": […]}\`: the rights that would be gained and lost.

## Keys for other registries

Berth can make tokens for registries that are not Berth: name them in \`auth.builtin.services\`. Their \`auth.token\` has Berth's \`/auth/token\` as \`realm\`,
their own name as \`service\`, Berth's \`auth.builtin.issuer\` as \`issuer\`, and its keys:

- \`rootcertbundle\` (\`registry:2\` and \`registry:3\`): \`berth keys export --format pem > bundle.pem\`, with \`keys: rootcertbundle\` at Berth.
- \`jwks\` (\`registry:3\`): \`berth keys export > jwks.json\`, with \`keys: jwks\` at Berth. A token with a certificate in it is refused there.

They read the file when they start, and a rotated key signs after a few seconds. So tell Berth to wait: \`berth keys rotate --from 1d\`, then
export and restart them within the day. The old key stays in the export until its last token has ended.

## Calls
`;
