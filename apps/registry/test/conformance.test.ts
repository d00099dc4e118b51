import { describe, expect, test } from 'vitest';
import { runSuite, suiteTimeout, type SuiteResult } from './support/conformance-suite.ts';
import { tool } from './support/require.ts';

const conformance = await tool('conformance');

/** All that the suite can ask for, but manifests that name what is not there. */
const everySwitch = {
  OCI_VERSION: 'dev',
  OCI_API_BLOBS_DIGEST_HEADER: 'true',
  OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
  OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
  OCI_API_MANIFESTS_TAG_PARAM: 'true',
};

function print(run: string, { pass, fail, skip, error, disabled, others }: SuiteResult): void {
  const figures = `${pass} pass, ${fail} fail, ${skip} skip, ${error} error, ${disabled} disabled`;
  process.stdout.write(`OCI conformance, ${run}: ${figures}\n`);
  for (const line of others) process.stdout.write(`OCI conformance, ${run}: ${line}\n`);
}

describe.skipIf(!conformance)('the OCI conformance suite, with tokens on', { timeout: suiteTimeout }, () => {
  const program = conformance?.['conformance'] ?? '';

  test('passes with every switch on', async () => {
    const result = await runSuite({ program, switches: everySwitch });
    print('every switch', result);
    expect(result).toMatchObject({ fail: 0, skip: 0, error: 0 });
    expect(result.pass).toBeGreaterThanOrEqual(986);
  });

  test('passes with sparse manifests too, where the server takes them', async () => {
    const result = await runSuite({
      program,
      switches: { ...everySwitch, OCI_DATA_SPARSE: 'true' },
      env: {
        REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS: 'none',
        REGISTRY_VALIDATION_MANIFESTS_LAYERS: 'none',
      },
    });
    print('sparse', result);
    expect(result).toMatchObject({ fail: 0, skip: 0, error: 0 });
    expect(result.pass).toBeGreaterThanOrEqual(1032);
  });
});
