import { f } from './row.table.ts';
import type { Row } from './row.table.ts';

const hour = 3_600_000;
const always = { enabled: true, age: 168 * hour, interval: 24 * hour, dryRun: false };

const purging = (...keys: string[]) => f('storage:', '  maintenance:', '    uploadpurging:', ...keys);
const readOnly = (...keys: string[]) => f('storage:', '  maintenance:', '    readonly:', ...keys);

export const maintenance: Row[] = [
  { is: 'purging without configuration', gives: { uploadPurging: always } },
  {
    is: 'purging as a whole',
    file: purging('      enabled: true', '      age: 1h', '      interval: 30m', '      dryrun: true'),
    gives: { uploadPurging: { enabled: true, age: hour, interval: hour / 2, dryRun: true } },
  },
  {
    is: 'a partial section of purging, with which the original does not start',
    file: purging('      age: 1h30m'),
    gives: { uploadPurging: { ...always, age: 1.5 * hour } },
  },
  { is: 'an empty section of purging', file: purging(), gives: { uploadPurging: always } },
  {
    is: 'purging switched off by a variable, with which the original does not start',
    env: { REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_ENABLED: 'false' },
    gives: { uploadPurging: { ...always, enabled: false } },
  },
  {
    is: 'purging as one variable',
    env: { REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING: '{dryrun: yes, interval: 1s}' },
    gives: { uploadPurging: { ...always, interval: 1000, dryRun: true } },
  },
  {
    is: 'an age without unit',
    file: purging('      age: 168'),
    errors: [
      'config.yml:5: storage.maintenance.uploadpurging.age must be a duration such as 30s, 5m or 168h, not "168"',
    ],
  },
  {
    is: 'an interval without end',
    file: purging('      interval: 0'),
    errors: [
      'config.yml:5: storage.maintenance.uploadpurging.interval must be a duration such as 30s, 5m or 168h, at least 1s, not "0"',
    ],
  },
  { is: 'not read-only without configuration', gives: { readOnly: false } },
  {
    is: 'read-only',
    file: readOnly('      enabled: true'),
    gives: { readOnly: true, uploadPurging: always },
  },
  { is: 'not read-only', file: readOnly('      enabled: false'), gives: { readOnly: false } },
  { is: 'an empty section of read-only', file: readOnly(), gives: { readOnly: false } },
  {
    is: 'read-only and a value that is no flag',
    file: readOnly('      enabled: 2'),
    errors: ['config.yml:5: storage.maintenance.readonly.enabled must be true or false, not "2"'],
  },
  {
    is: 'read-only as a single value',
    file: f('storage: {maintenance: {readonly: true}}'),
    errors: ['config.yml:2: storage.maintenance.readonly must be a section of keys'],
  },
];
