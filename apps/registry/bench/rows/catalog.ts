import type { Server } from '../servers/server.ts';
import type { Row, Tools } from './row.ts';

const pageSize = 100;
/** Repositories that one token names: a header may not grow without end. */
const tokenSize = 50;

export function catalog(tools: Tools): Row {
  const { repositories, seconds } = tools.effort;
  return {
    key: 'catalog',
    title: `last catalog page of ${repositories.toLocaleString('en')} repositories, median ms (less is better)`,
    needsWrk: true,
    async prepare(server) {
      await fill(tools, server, repositories);
      const headers = await server.authorize(['registry:catalog:*']);
      const url = `${server.url}/v2/_catalog?n=${pageSize}&last=${nameOf(repositories - pageSize - 1)}`;
      await checkPage(url, headers);
      return async () => ({ value: (await tools.read({ url, headers, connections: 1, seconds })).p50 });
    },
  };
}

/** Their names come after all others, so that the last page is theirs. */
function nameOf(number: number): string {
  return `catalog/${String(number).padStart(6, '0')}`;
}

async function fill({ push }: Tools, server: Server, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, number) => nameOf(number));
  for (let begin = 0; begin < count; begin += tokenSize) {
    const repositories = names.slice(begin, begin + tokenSize);
    const headers = await server.authorize(repositories.map((name) => `repository:${name}:pull,push`));
    const until = { images: repositories.length };
    await push({ url: server.url, headers, repositories, layerSize: 1000, concurrency: 8, until });
  }
}

/** A page without names would be a fast one. */
async function checkPage(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(url, { headers });
  const { repositories = [] } = (await answer.json()) as { repositories?: string[] };
  if (repositories.length !== pageSize)
    throw new Error(`the page has ${repositories.length} names: ${answer.status}`);
}
