import { OciError } from '@berth/protocol';

/** 401 of what takes Basic: the token endpoint, also at POST (rule 16), and the administration API. */
export function unproved(message: string): OciError {
  return new OciError('UNAUTHORIZED', { message, headers: { 'www-authenticate': 'Basic realm="Berth"' } });
}
