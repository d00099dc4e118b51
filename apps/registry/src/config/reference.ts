import { notesOf } from './keys.ts';
import type { Key, KeyNotes } from './keys.ts';
import { systemPaths } from './locate.ts';
import { join } from './origins.ts';
import { schema } from './schema.ts';

/** The text of docs/configuration.md, made from the schema. */
export function configurationReference(): string {
  const keys = describe(schema, '');
  const acting = keys.filter(({ effect }) => effect === 'acts');
  const others = keys.filter(({ effect }) => effect !== 'acts');
  return [
    introduction,
    row('key', 'type', 'default', 'meaning'),
    row('---', '---', '---', '---'),
    ...acting.map(({ path, type, default: fallback, meaning }) =>
      row(code(path), type, code(fallback), meaning),
    ),
    othersIntroduction,
    row('key', 'what it is', 'here'),
    row('---', '---', '---'),
    ...others.map((notes) => row(code(notes.path), notes.meaning, standing(notes))),
    '',
  ].join('\n');
}

type DescribedKey = KeyNotes & { path: string };

/** Every key below `key` that says something by itself, in the order of the schema. */
function describe(key: Key, path: string): DescribedKey[] {
  const notes = notesOf(key);
  if (notes.alias) return [{ ...notes, path }];
  const below = Object.entries(notes.children ?? {}).flatMap(([name, child]) =>
    describe(child, join(path, name)),
  );
  return notes.meaning === '' ? below : [{ ...notes, path }].concat(below);
}

function standing({ effect, holds, own }: KeyNotes): string {
  const condition = holds === undefined ? '' : ', unless it asks for what is so anyway';
  if (effect === 'refused') return `${own ? 'comes in a later version; an error' : 'an error'}${condition}`;
  return effect === 'covered' && holds === undefined ? 'is so anyway' : `a warning${condition}`;
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

function code(text: string | undefined): string {
  return text === undefined ? '' : `\`${text}\``;
}

const introduction = `# Configuration

This page is made from \`apps/registry/src/config/schema.ts\`. After a change there:
\`node --conditions=source apps/registry/src/config/reference.ts > docs/configuration.md\`; a test fails while it is out of date.

Berth reads the \`config.yml\` of \`registry:2\` and \`registry:3\`, and needs none. \`docker/config.yml\` is one with comments.

## Where the file is looked for

1. the argument: \`berth serve config.yml\`;
2. the variable \`REGISTRY_CONFIGURATION_PATH\`;
${systemPaths.map((path, index) => `${index + 3}. \`${path}\`, if it is there`).join(';\n')};
${systemPaths.length + 3}. none: port 5000, \`./data\`, accounts on.

\`berth config check\` says what is wrong with it, \`berth config show\` prints what is in effect, secrets masked.

## Variables

Every key can be set by a variable: \`http.addr\` is \`REGISTRY_HTTP_ADDR\`, \`storage.delete.enabled\` is \`REGISTRY_STORAGE_DELETE_ENABLED\`.

- Variables are laid over the file in the order of their names, so \`REGISTRY_STORAGE\` comes before \`REGISTRY_STORAGE_DELETE_ENABLED\`.
- A single value is taken as it stands; nothing in a secret needs quotes.
- A list or a section is YAML and replaces the old one whole: \`REGISTRY_HTTP_TRUSTEDPROXIES='[10.0.0.0/8]'\`.
- An entry of a list goes by its number, from 0: \`REGISTRY_HTTP_TRUSTEDPROXIES_0=10.0.0.0/8\`; the number after the last one adds an entry.
- \`REGISTRY_STORAGE=inmemory\` and \`REGISTRY_AUTH=none\` choose and drop the rest of that section, \`delete\` and \`cache\` included.
- An empty variable means that the key is not given.

Variables that Kubernetes sets for a Service (\`REGISTRY_PORT\`, \`REGISTRY_SERVICE_HOST\`) are passed over, and so is \`REGISTRY_AUTH_FILE\`, which is
podman's.

Berth's own variables: \`BERTH_ADMIN_PASSWORD\` is the password of the first admin. \`BERTH_SERVER\`, \`BERTH_USER\`, \`BERTH_PASSWORD\` and
\`BERTH_TOKEN\` are for the command line.

## What is checked

null means "not given". An unknown or misplaced key in a section of the original is a warning that names the line, since the original passes over
it. A wrong value, a misplaced \`auth\` or \`tls\`, an unknown storage driver or kind of \`auth\`, and an unknown key of Berth's own are errors.
\`yes\`, \`on\`, \`0600\` and \`1_000\` mean what they mean in YAML 1.1; a duration needs its unit.

## Keys
`;

const othersIntroduction = `
## Keys of the original, and of later versions, on which Berth does not act
`;

if (import.meta.main) process.stdout.write(configurationReference());
