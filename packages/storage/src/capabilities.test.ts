import { describe, expect, test } from 'vitest';

import { adoptsInPlace, canSweep, hasSignedUrls, type SignedUrlOptions } from './capabilities.ts';
import { checkedDriver } from './checked-driver.ts';
import { memoryDriver } from './memory-driver.ts';
import { faultDriver } from './testing/index.ts';
import { expectCode } from './testing/suite.ts';

/** A memory driver that can do everything that only some can. Its URLs say what they were asked for. */
function ableDriver() {
  return checkedDriver({
    ...memoryDriver(),
    adoptInPlace: true,
    signedUrl: async (path: string, { method, expiresIn }: SignedUrlOptions) =>
      `${method} ${path} ${expiresIn}`,
    sweep: async (prefix: string) => [`${prefix}/swept`],
  } as ReturnType<typeof memoryDriver>);
}

describe.for([
  ['checkedDriver', () => ableDriver()],
  ['faultDriver', () => faultDriver(ableDriver()).driver],
] as const)('%s passes on what its driver can do:', ([, make]) => {
  test('signed URLs, of five minutes at most', async () => {
    const driver = make();
    if (!hasSignedUrls(driver)) throw new Error('it cannot');
    expect(await driver.signedUrl('a/b', { method: 'GET', expiresIn: 60 })).toBe('GET a/b 60');
    expect(await driver.signedUrl('a/b', { method: 'HEAD', expiresIn: 3600 })).toBe('HEAD a/b 300');
    await expectCode(driver.signedUrl('../b', { method: 'GET', expiresIn: 60 }), 'INVALID_PATH');
  });

  test('adoption in place', () => {
    expect(adoptsInPlace(make())).toBe(true);
  });

  test('a sweep', async () => {
    const driver = make();
    if (!canSweep(driver)) throw new Error('it cannot');
    expect(await driver.sweep('a', new Date())).toEqual(['a/swept']);
    expect(await driver.sweep('', new Date())).toEqual(['/swept']);
    await expectCode(driver.sweep('a/', new Date()), 'INVALID_PATH');
    const reason = new Error('stopped');
    await expect(driver.sweep('a', new Date(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

test.for([
  ['checkedDriver', () => memoryDriver()],
  ['faultDriver', () => faultDriver(memoryDriver()).driver],
] as const)('%s can do no more than its driver', ([, make]) => {
  expect([hasSignedUrls, adoptsInPlace, canSweep].map((guard) => guard(make()))).toEqual([
    false,
    false,
    false,
  ]);
});

test('a planned fault meets them too', async () => {
  const { driver, faults } = faultDriver(ableDriver());
  faults.failNext('signedUrl', 'UNAVAILABLE');
  faults.failNext('sweep', 'UNAVAILABLE');
  if (!hasSignedUrls(driver) || !canSweep(driver)) throw new Error('it cannot');
  await expectCode(driver.signedUrl('a', { method: 'GET', expiresIn: 1 }), 'UNAVAILABLE');
  await expectCode(driver.sweep('a', new Date()), 'UNAVAILABLE');
});
