import { isIPv6 } from 'node:net';

/**
 * The part of an address that a client can hardly change: all of an IPv4 address, the first 64 bits of an IPv6 address,
 * since every customer has the other 64 to himself (RFC 6177). What is no address stands for itself.
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return address;
  return `${groupsOf(plain).slice(0, 4).join(':')}::/64`;
}

/** RFC 4291, section 2.2: `::` stands for groups of zeros, and an IPv4 address at the end for two groups. */
function groupsOf(address: string): string[] {
  const [before = [], after = []] = address
    .replace(/\d+(\.\d+){3}$/, '0:0')
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16).toString(16));
}
