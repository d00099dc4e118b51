import { decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import { basic, openBench } from '../testing/bench.ts';
import { keyAlgorithms } from '@berth/protocol';

const owner = 'x'.repeat(200);

test.for(keyAlgorithms)(
  'a token signed with %s fits into a header, with its certificate too (rule 40)',
  async (algorithm) => {
    const otherServices = [{ name: 'certified', keys: 'rootcertbundle' } as const];
    const bench = await openBench({ keyAlgorithm: algorithm, otherServices });
    await bench.addUser(owner);
    const names = Array.from({ length: 40 }, (_, index) => `${owner}/${'y'.repeat(40)}${index}`);
    for (const service of ['berth', 'certified']) {
      const query = new URLSearchParams([
        ['service', service],
        ...names.map((name) => ['scope', `repository:${name}:*`]),
      ]);
      const answer = await fetch(`${bench.origin}/auth/token?${query}`, {
        headers: { authorization: basic(owner) },
      });
      const { token } = (await answer.json()) as { token: string };
      expect(decodeProtectedHeader(token)).toMatchObject({ alg: algorithm });
      expect('x5c' in decodeProtectedHeader(token)).toBe(service === 'certified');
      expect(token.length).toBeGreaterThan(5000);
      expect(token.length).toBeLessThan(7 * 1024);
    }
    await bench.close();
  },
);
