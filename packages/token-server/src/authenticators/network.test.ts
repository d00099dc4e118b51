import fc from 'fast-check';
import { expect, test } from 'vitest';
import { networkOf } from './network.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2::5', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['2001:db8::192.0.2.1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
  ['unknown', 'unknown'],
])('%j is of %j', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('the last 64 bits change nothing, the first 64 do', () => {
  const group = fc.integer({ min: 0, max: 0xffff });
  const four = fc.tuple(group, group, group, group);
  const text = (groups: readonly number[]) => groups.map((value) => value.toString(16)).join(':');
  fc.assert(
    fc.property(four, four, four, four, (net, other, host, neighbour) => {
      const network = networkOf(text([...net, ...host]));
      expect(networkOf(text([...net, ...neighbour]))).toBe(network);
      expect(networkOf(text([...other, ...host])) === network).toBe(text(other) === text(net));
    }),
  );
});
