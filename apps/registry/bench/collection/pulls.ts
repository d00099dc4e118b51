import { type Agent, get } from 'node:http';
import { imageManifest, sha256 } from '../../test/support/registry.ts';
import { contentOf, keptOf, repositoryOf, type Population } from './content.ts';

/** Pulls at the same time. */
const pullers = 8;

export interface Target {
  readonly url: string;
  readonly agent: Agent;
  readonly population: Population;
}

export interface Pulls {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
  readonly failed: number;
}

/** Until so many milliseconds have passed, or something is done. */
export async function pullFor(target: Target, until: number | Promise<unknown>): Promise<Pulls> {
  const { population } = target;
  const end = new AbortController();
  if (typeof until === 'number') setTimeout(() => end.abort(), until);
  else void until.then(() => end.abort());
  const times: number[] = [];
  let failed = 0;
  const pull = async () => {
    while (!end.signal.aborted) {
      const index = Math.floor(Math.random() * keptOf(population));
      const start = performance.now();
      const manifest = await fetchText(target, `/v2/${repositoryOf(index)}/manifests/v${index}`);
      const blob = await fetchText(target, `/v2/${repositoryOf(index)}/blobs/${sha256(contentOf(index))}`);
      times.push(performance.now() - start);
      if (manifest !== imageManifest(contentOf(index), []) || blob !== contentOf(index)) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: pullers }, pull));
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), count: times.length, failed };
}

function fetchText({ url, agent }: Target, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { accept: '*/*' };
    get(`${url}${path}`, { agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}
