import { afterEach, describe, expect, test } from 'vitest';
import { OciError } from '../errors.ts';
import { serve, type Served } from '../testing/serve.ts';
import { clientResolver, type ClientOptions } from './client.ts';

let served: Served | undefined;

afterEach(async () => {
  await served?.close();
  served = undefined;
});

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What the resolver says of a request from 127.0.0.1, or the error that it throws. */
async function resolved(options: ClientOptions, headers: Headers = {}, listen?: string): Promise<unknown> {
  const resolve = clientResolver(options);
  let outcome: unknown;
  served = await serve((request, response) => {
    try {
      outcome = { ...resolve(request) };
    } catch (error) {
      outcome = error;
    }
    response.end();
  }, listen);
  await served.ask({ headers: { host: 'berth.example:5000', ...headers } as Record<string, string> });
  return outcome;
}

const trusting = { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8', '::1', 'fd00::/8'] };
const untrusting = { trustedProxies: ['10.0.0.0/8'] };
const none = { trustedProxies: [] };

describe('the address of a client', () => {
  test.for([
    ['without a proxy', none, undefined, '127.0.0.1'],
    ['that writes the header himself', none, '1.2.3.4', '127.0.0.1'],
    ['that writes the header himself, where other proxies are trusted', untrusting, '1.2.3.4', '127.0.0.1'],
    ['behind a proxy', trusting, '1.2.3.4', '1.2.3.4'],
    ['behind a proxy that sends no header', trusting, undefined, '127.0.0.1'],
    ['behind two proxies', trusting, '1.2.3.4, 10.1.1.1', '1.2.3.4'],
    ['that wrote something before the proxy did', trusting, '9.9.9.9, 1.2.3.4', '1.2.3.4'],
    ['that wrote something before two proxies did', trusting, '9.9.9.9, 1.2.3.4, 10.1.1.1', '1.2.3.4'],
    ['among the trusted addresses', trusting, '10.2.2.2, 10.1.1.1', '10.2.2.2'],
    ['with IPv6', trusting, '2001:db8::1', '2001:db8::1'],
    ['with IPv6 behind a proxy with IPv6', trusting, '2001:db8::1,fd00::2,::1', '2001:db8::1'],
    ['with IPv4 in IPv6', trusting, '::ffff:1.2.3.4', '1.2.3.4'],
    ['behind a trusted proxy with IPv4 in IPv6', trusting, '1.2.3.4, ::ffff:10.1.1.1', '1.2.3.4'],
    ['that is no address', trusting, 'unknown', '127.0.0.1'],
    ['that is no address, before a proxy', trusting, 'unknown, 10.1.1.1', '10.1.1.1'],
    ['that only looks like an address', trusting, '999.1.2.3', '127.0.0.1'],
    ['that only looks like an address, before a proxy', trusting, '1.2.3.4.5, 10.1.1.1', '10.1.1.1'],
    ['with a zone', trusting, 'fe80::1%eth0', 'fe80::1%eth0'],
    ['in an empty header', trusting, '', '127.0.0.1'],
    ['in an empty item', trusting, '1.2.3.4,', '127.0.0.1'],
  ] as const)('%s', async ([, options, forwarded, address]) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    expect(await resolved(options, headers)).toMatchObject({ address });
  });

  test('in two headers', async () => {
    const headers = { 'x-forwarded-for': ['9.9.9.9', '1.2.3.4'] };
    expect(await resolved(trusting, headers)).toMatchObject({ address: '1.2.3.4' });
  });

  test('with IPv4, of a server that listens on IPv6', async () => {
    expect(await resolved(none, {}, '::')).toMatchObject({ address: '127.0.0.1' });
    await served?.close();
    expect(await resolved(trusting, { 'x-forwarded-for': '1.2.3.4' }, '::')).toMatchObject({
      address: '1.2.3.4',
    });
  });
});

describe('where the client went', () => {
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'public.example' };

  test.for([
    ['as his Host says', none, {}, 'http://berth.example:5000'],
    ['whatever he forwards himself', none, forwarded, 'http://berth.example:5000'],
    ['as the proxy says', trusting, forwarded, 'https://public.example'],
    [
      'by the scheme of the proxy alone',
      trusting,
      { 'x-forwarded-proto': 'https' },
      'https://berth.example:5000',
    ],
    [
      'as the first of two proxies says',
      trusting,
      { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'a.example, b.example' },
      'https://a.example',
    ],
    ['to an address', none, { host: '192.0.2.1:5000' }, 'http://192.0.2.1:5000'],
    ['to an IPv6 address', none, { host: '[2001:db8::1]:5000' }, 'http://[2001:db8::1]:5000'],
    ['to a name of one letter', none, { host: 'b' }, 'http://b'],
    [
      'as configured, whatever is sent',
      { ...trusting, origin: 'https://fixed.example' },
      { ...forwarded, host: '"' },
      'https://fixed.example',
    ],
  ] as const)('%s', async ([, options, headers, origin]) => {
    expect(await resolved(options, headers)).toMatchObject({ origin });
  });

  test.for([
    ['a quote, which would end the realm', { host: 'a"b' }],
    ['a path', { host: 'a/b' }],
    ['a user', { host: 'user@host' }],
    ['a space', { host: 'a b' }],
    ['two ports', { host: 'a:1:2' }],
    ['a port that is no number', { host: 'a:b' }],
    ['a comma', { host: 'a,b' }],
    ['a hyphen at its end', { host: 'a-' }],
    ['what a proxy forwards of the kind', { 'x-forwarded-host': 'a"b' }],
    ['a scheme of another kind', { 'x-forwarded-proto': 'javascript' }],
  ] as const)('is refused with %s', async ([, headers]) => {
    const outcome = await resolved(trusting, headers);
    expect(outcome).toBeInstanceOf(OciError);
    expect(outcome).toMatchObject({ code: 'BAD_REQUEST', status: 400 });
  });
});

test.for(['proxy.example', '10.0.0.0/99', '10.0.0.0/x', '10.0.0.0/', '10.0.0.0/8/9', ''])(
  'a proxy "%s" is refused at the start',
  (proxy) => {
    expect(() => clientResolver({ trustedProxies: [proxy] })).toThrow(TypeError);
  },
);
