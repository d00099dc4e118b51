import { OciError } from '@berth/protocol';

/** HEAD is answered as GET, without the body. */
export function effectiveMethod(method: string | undefined): string {
  return method === 'HEAD' ? 'GET' : (method ?? '');
}

/** The answer to a method that an address does not know: RFC 9110, section 15.5.6, wants `Allow`. */
export function wrongMethod(methods: readonly string[]): OciError {
  const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
  return new OciError('UNSUPPORTED', {
    message: 'this address does not know the method',
    headers: { allow: allow.toSorted().join(', ') },
  });
}
