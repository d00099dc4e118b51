/** Of one Swift on one machine: a copy of everything, on one device, which is a folder. */
export interface SwiftSettings {
  /** Where rings, devices and caches are. */
  readonly folder: string;
  /** Whose processes they are. */
  readonly user: string;
  readonly secret: string;
  readonly ports: Readonly<Record<SwiftServer | 'proxy' | 'memcached', number>>;
}

/** The servers that keep something. Each has a ring. */
export type SwiftServer = 'account' | 'container' | 'object';

export const servers: readonly SwiftServer[] = ['account', 'container', 'object'];

/** The order is that of the sample of Swift: s3api before who knows the users, slo behind it for multipart uploads. */
const pipeline = 'catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo';

/** The file of the server that clients reach. */
export function proxySettings(settings: SwiftSettings): string {
  const { secret, ports } = settings;
  const filters = pipeline.split(' ').map((name) => section(`filter:${name}`, filterSettings(name)));
  return [
    section('DEFAULT', common(settings, ports.proxy)),
    section('pipeline:main', { pipeline: `${pipeline} proxy-server` }),
    section('app:proxy-server', { use: 'egg:swift#proxy', account_autocreate: 'true' }),
    ...filters,
  ].join('\n');

  function filterSettings(name: string): Record<string, string> {
    const more: Record<string, Record<string, string>> = {
      cache: { memcache_servers: `127.0.0.1:${ports.memcached}` },
      tempauth: { user_test_tester: `${secret} .admin` },
      s3api: { location: 'us-east-1' },
    };
    return { use: `egg:swift#${name === 'cache' ? 'memcache' : name}`, ...more[name] };
  }
}

/** The file of a server that keeps something. */
export function serverSettings(server: SwiftServer, settings: SwiftSettings): string {
  return [
    section('DEFAULT', { ...common(settings, settings.ports[server]), ...devices(settings) }),
    section('pipeline:main', { pipeline: `healthcheck ${server}-server` }),
    section(`app:${server}-server`, { use: `egg:swift#${server}`, container_update_timeout: '10' }),
    section('filter:healthcheck', { use: 'egg:swift#healthcheck' }),
  ].join('\n');
}

function common({ folder, user }: SwiftSettings, port: number): Record<string, string> {
  return { bind_ip: '127.0.0.1', bind_port: String(port), workers: '0', user, swift_dir: folder };
}

function devices({ folder }: SwiftSettings): Record<string, string> {
  const caches = { recon_cache_path: folder };
  return { devices: `${folder}/devices`, mount_check: 'false', fallocate_reserve: '0', ...caches };
}

function section(name: string, values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`);
  return `[${name}]\n${lines.join('')}`;
}
