import { BlockList, isIP, isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { OciError } from '../errors.ts';

/** Who sent a request, and where that client reached Berth. */
export interface Client {
  readonly address: string;
  /** `http://localhost:5000`: scheme and host as the client sees them. */
  readonly origin: string;
}

export interface ClientOptions {
  /** Proxies whose `X-Forwarded-*` headers are believed, in CIDR notation. */
  readonly trustedProxies: readonly string[];
  /** `http.host` of the configuration: where clients reach Berth, whatever they send. */
  readonly origin?: string | undefined;
}

const hostExpression = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Makes the function that tells who a client is. Throws `TypeError` for a proxy that is not in CIDR notation. */
export function clientResolver({
  trustedProxies,
  origin,
}: ClientOptions): (request: IncomingMessage) => Client {
  const trusted = blockList(trustedProxies);
  const trusts = (address: string) => trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    const proxied = () => peer !== '' && trusts(peer);
    return {
      get address() {
        return proxied() ? forwardedAddress(request, peer, trusts) : peer;
      },
      get origin() {
        return origin ?? requestOrigin(request, proxied());
      },
    };
  };
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      if (bits === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(bits), family);
    } catch (error) {
      throw new TypeError(`not an address or a range in CIDR notation: ${JSON.stringify(range)}`, {
        cause: error,
      });
    }
  }
  return list;
}

/** The right-most address that is not one of our proxies: anybody can have written what stands left of it. */
function forwardedAddress(
  request: IncomingMessage,
  peer: string,
  trusts: (address: string) => boolean,
): string {
  const header = request.headers['x-forwarded-for'] ?? '';
  const hops = String(header)
    .split(',')
    .map((hop) => plainAddress(hop.trim()));
  let address = peer;
  for (const hop of hops.toReversed()) {
    if (isIP(hop) === 0) break;
    address = hop;
    if (!trusts(hop)) break;
  }
  return address;
}

function requestOrigin(request: IncomingMessage, proxied: boolean): string {
  const encrypted = 'encrypted' in request.socket;
  const scheme = (proxied && firstOf(request, 'x-forwarded-proto')) || (encrypted ? 'https' : 'http');
  const host = (proxied && firstOf(request, 'x-forwarded-host')) || request.headers.host || 'localhost';
  const written = `${scheme}://${host}`;
  if (!/^https?$/.test(scheme) || !hostExpression.test(host) || !URL.canParse(written)) {
    throw new OciError('BAD_REQUEST', { message: 'the Host header is not a host' });
  }
  return written;
}

function firstOf(request: IncomingMessage, header: string): string | undefined {
  return (
    String(request.headers[header] ?? '')
      .split(',', 1)[0]
      ?.trim() || undefined
  );
}

/** Node shows IPv4 peers of a socket that listens on `::` as `::ffff:127.0.0.1`. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
