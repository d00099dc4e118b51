import * as fc from 'fast-check';

const lines = [
  'connection: close',
  'content-length: 4',
  'transfer-encoding: chunked',
  'expect: 100-continue',
  'authorization: Basic YTpi',
  'authorization: Bearer x',
  'content-type: application/json',
  'range: bytes=0-1',
  'upgrade: h2c',
  'host: a b',
];
const firstLines = fc
  .tuple(
    fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'get'),
    fc.constantFrom(
      '/v2/',
      '/',
      '*',
      'http://localhost/v2/',
      '/v2/a/manifests/b',
      '/v2/a/blobs/uploads/',
      'x:1',
    ),
    fc.oneof(
      { weight: 5, arbitrary: fc.constant('HTTP/1.1') },
      fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', ''),
    ),
  )
  .map((parts) => parts.join(' '));
const requests = fc
  .tuple(
    firstLines,
    fc.array(fc.constantFrom(...lines), { maxLength: 5 }),
    fc.constantFrom('', 'body', '4\r\nbody\r\n0\r\n\r\n', '4\r\nbo', 'ffffffffffffffff\r\n', '0\r\n\r\n'),
  )
  .map(([first, headers, body]) => [first, 'host: localhost', ...headers, '', body].join('\r\n'));

const bytes = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});

/** The bytes of a request (latin1) into which a few others were put. */
export const rawText: fc.Arbitrary<string> = fc
  .tuple(requests, fc.array(fc.tuple(fc.nat(200), fc.nat(6), bytes), { maxLength: 2 }))
  .map(([request, changes]) =>
    changes.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), request),
  );
