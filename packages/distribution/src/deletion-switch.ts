import { OciError } from '@berth/protocol';

/** Throws `UNSUPPORTED` where `storage.delete.enabled` of the configuration is off. */
export function requireDeletion(enabled: boolean): void {
  if (!enabled)
    throw new OciError('UNSUPPORTED', { message: 'deletion is switched off (storage.delete.enabled)' });
}
