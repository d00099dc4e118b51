import { expect, test } from 'vitest';
import { killRepeatedly } from './crash/traffic.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';

test('killed thirty times under mixed traffic, the server loses nothing', { timeout: 600_000 }, async () => {
  const folder = await temporaryFolder();
  try {
    const { problems, requests } = await killRepeatedly(folder, 30);
    expect(problems).toEqual([]);
    expect(requests).toBeGreaterThan(60);
  } finally {
    await removeFolder(folder);
  }
});
