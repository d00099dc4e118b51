import { OciError } from '@berth/protocol';

/** Throws `UNSUPPORTED` where `storage.maintenance.readonly.enabled` of the configuration is on. */
export function requireWritable(readOnly: boolean): void {
  if (!readOnly) return;
  throw new OciError('UNSUPPORTED', {
    message:
      'the registry is read-only at the moment (storage.maintenance.readonly): pulls work, pushes and deletions do not',
  });
}
