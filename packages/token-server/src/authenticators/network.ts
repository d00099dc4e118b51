import { isIPv6 } from 'node:net';

/**
 * What one client can hardly change of his address: an IPv4 address whole, an IPv6 address by its first 64 bits, since
 * every customer has at least so many of his own (RFC 6177). What is no address stands for itself.
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
