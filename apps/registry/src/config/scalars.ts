import { BlockList, isIP } from 'node:net';

/** What a text may mean: `name` completes "must be …", `read` answers undefined for a text that is something else. */
export type Scalar<T> = { name: string; read: (text: string) => T | undefined };

export const text: Scalar<string> = { name: 'text', read: (text) => text };

/** The words of YAML 1.1, as Go's yaml.v2 reads them into a bool. */
export const flag: Scalar<boolean> = { name: 'true or false', read: readFlag };

function readFlag(text: string): boolean | undefined {
  if (/^(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(text)) return true;
  return /^(n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(text) ? false : undefined;
}

/** One of a few words, upper or lower case. */
export function oneOf<const W extends string>(...words: W[]): Scalar<W> {
  return { name: words.join(', ').replace(/, ([^,]*)$/, ' or $1'), read: find };

  function find(text: string): W | undefined {
    return words.find((word) => word === text.toLowerCase());
  }
}

/** A whole number as Go's yaml.v2 reads it: `10_000`, octal `0600` and `0o600`, `0x1f`, `0b101`, `1e3`. */
export function integer(limits: { min: number; max: number }): Scalar<number> {
  return { name: `a whole number from ${limits.min} to ${limits.max}`, read };

  function read(text: string): number | undefined {
    const value = readInteger(text.replaceAll('_', ''));
    return value !== undefined && value >= limits.min && value <= limits.max ? value : undefined;
  }
}

function readInteger(text: string): number | undefined {
  const [, sign = '', digits = ''] = /^([-+]?)(.+)$/.exec(text) ?? [];
  const value = /^0[0-7]+$/.test(digits) ? Number(`0o${digits}`) : Number(digits);
  const written = /^(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+(\.\d*)?([eE][-+]?\d+)?)$/.test(digits);
  return written && Number.isSafeInteger(value) ? Number(`${sign}1`) * value : undefined;
}

const unitsInMilliseconds = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1e3, m: 60e3, h: 3600e3 };

/**
 * Go's `time.ParseDuration`, in milliseconds: `168h`, `1m30s`, `0`. A bare number means nanoseconds to Go, which nobody ever
 * meant, and is refused.
 */
export const duration: Scalar<number> = { name: 'a duration such as 30s, 5m or 168h', read: readDuration };

function readDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d*)?(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)([a-zµμ]+)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitsInMilliseconds[unit as 's'], 0);
}

/** A duration with a least one, in milliseconds, named as it would be written. */
export function durationFrom(least: number, name: string): Scalar<number> {
  return { name: `${duration.name}, at least ${name}`, read };

  function read(text: string): number | undefined {
    const value = readDuration(text);
    return value !== undefined && value >= least ? value : undefined;
  }
}

/** The same, or `0` for never, or for ever: what it is, the key says. */
export function durationOrNone(least: number, name: string): Scalar<number> {
  return { name: `0, or a duration such as 720h, at least ${name}`, read };

  function read(text: string): number | undefined {
    const value = readDuration(text);
    return value !== undefined && (value === 0 || value >= least) ? value : undefined;
  }
}

/** Where to listen. Without `host` it is every address of the machine. */
export type ListenAddress = { host?: string; port: number };

export const address: Scalar<ListenAddress> = {
  name: 'an address such as :5000, 127.0.0.1:5000 or [::1]:5000',
  read: readAddress,
};

function readAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([\da-fA-F:.%\w]+)\]|([\w.-]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535 || (bracketed && isIP(bracketed) !== 6)) return undefined;
  const host = bracketed ?? plain;
  return host ? { host, port } : { port };
}

/** The origin under which clients reach the registry, without a path. */
export const origin: Scalar<string> = {
  name: 'an address such as https://registry.example.com',
  read: readOrigin,
};

function readOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  const plain = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  return plain ? url.origin : undefined;
}

/** An IP network in CIDR notation; a single address is a network of one. */
export const network: Scalar<string> = {
  name: 'a network such as 10.0.0.0/8, or an address',
  read: readNetwork,
};

function readNetwork(text: string): string | undefined {
  const [host = '', bits, ...rest] = text.split('/');
  const family = isIP(host);
  if (family === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const most = family === 4 ? 32 : 128;
  const length = Number(bits ?? most);
  return length <= most && isAddressable(host, length, family) ? `${host}/${length}` : undefined;
}

/** `fe80::1%eth0` is an address with a zone, which no network can hold. */
function isAddressable(host: string, length: number, family: number): boolean {
  try {
    new BlockList().addSubnet(host, length, family === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}

/** The path of an SQLite file, relative to the working directory or absolute. */
export const databaseFile: Scalar<string> = {
  name: 'the address of an SQLite file, such as sqlite:/var/lib/registry/berth.db',
  read: (given) => /^sqlite:(?:\/\/(?=\/))?([^?#]*[^/?#])$/.exec(given)?.[1],
};
