import { Agent } from 'node:http';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { grammars } from './support/fuzz/grammars.ts';
import { rawText } from './support/fuzz/raw.ts';
import { type FuzzAnswer, type FuzzRequest, send, sendRaw } from './support/fuzz/request.ts';
import { known } from './support/fuzz/words.ts';
import {
  basic,
  imageManifest,
  imageType,
  password,
  type Registry,
  sha256,
  startRegistry,
} from './support/registry.ts';

/** Inputs over all grammars; `scripts/fuzz.ts` asks for more. */
const inputs = Number(process.env['BERTH_TEST_FUZZ_INPUTS'] ?? 10_000);
/** That of a failure, to see it again. */
const seed = process.env['BERTH_TEST_FUZZ_SEED'];
const parameters = {
  numRuns: Math.ceil(inputs / (Object.keys(grammars).length + 1)),
  ...(seed !== undefined && { seed: Number(seed) }),
};
const repository = `/v2/${known.repository}`;
const uploads = `${repository}/blobs/uploads/`;
const manifest = imageManifest(known.blob, [known.layer]);
const error = { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.stringMatching(/./) };

describe('whatever is sent is answered', { timeout: 60_000 + 30 * inputs }, () => {
  let registry: Registry;
  let authorization: string;
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    registry = await startRegistry({ env: { REGISTRY_AUTH_BUILTIN_EXPIRATION: '86400' } });
    const scopes = [`repository:${known.repository}:pull,push,delete`, 'registry:catalog:*'];
    authorization = `Bearer ${await registry.token(scopes)}`;
  });

  afterAll(async () => {
    agent.destroy();
    await registry.remove();
  });

  const ask = (method: string, path: string, body = '') => {
    const headers = { authorization, 'content-type': imageType };
    return send(registry.port, agent, { method, path, headers, body });
  };

  /** A push and a pull, as if nothing had happened. */
  async function works(): Promise<void> {
    for (const body of [known.blob, known.layer])
      expect(await ask('POST', `${uploads}?digest=${sha256(body)}`, body)).toMatchObject({ status: 201 });
    expect(await ask('PUT', `${repository}/manifests/1`, manifest)).toMatchObject({ status: 201 });
    expect(await ask('GET', `${repository}/manifests/1`)).toMatchObject({ status: 200, text: manifest });
  }

  beforeEach(works);
  afterEach(works);

  async function answerTo(request: FuzzRequest): Promise<FuzzAnswer> {
    const begin = async () => String((await ask('POST', uploads)).headers['location']);
    const path = request.path.startsWith('{session}')
      ? request.path.replace('{session}', await begin())
      : request.path;
    const who = /^\/(api|auth)\//.test(path) ? basic({ user: 'admin', password }) : authorization;
    return send(registry.port, agent, {
      ...request,
      path,
      headers: { authorization: who, ...request.headers },
    });
  }

  test.each(Object.entries(grammars))('%s', async (_, grammar) => {
    await fc.assert(
      fc.asyncProperty(grammar, async (request) => {
        const answer = await answerTo(request);
        expect(answer.status).toBeGreaterThanOrEqual(200);
        expect(answer.status).toBeLessThan(500);
        if (request.method === 'HEAD') expect(answer.text).toBe('');
        else if (answer.status >= 400) expectError(answer);
      }),
      parameters,
    );
  });

  test('bytes that are hardly a request', async () => {
    await fc.assert(
      fc.asyncProperty(rawText, async (text) => {
        const answer = await sendRaw(registry.port, text);
        expect(answer).toMatch(/^(HTTP\/1\.1 [1-4]\d\d |$)/);
        expect(answer).not.toMatch(/^HTTP\/1\.1 5\d\d /m);
      }),
      parameters,
    );
  });

  function expectError({ headers, text }: FuzzAnswer): void {
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(text)).toMatchObject({ errors: [error] });
  }
});
