// Exit code 0 where the registry of this container answers, for HEALTHCHECK: the image has no curl.
import { readFileSync } from 'node:fs';
import { configurationOf } from './configuration.js';

const everywhere = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

const { address } = configurationOf(argumentsOfServer())?.http ?? { address: { port: 5000 } };
const { host = '0.0.0.0', port } = address;
const name = everywhere[host] ?? (host.includes(':') ? `[${host}]` : host);
const answer = await fetch(`http://${name}:${port}/healthz`, { signal: AbortSignal.timeout(4000) }).catch(
  (error) => ({ ok: false, status: error.cause?.code ?? error.name }),
);
process.stdout.write(`${name}:${port} ${answer.status}\n`);
process.exitCode = answer.ok ? 0 : 1;

/** The file named at the start of the container may name another port. With an init process it is found too. */
function argumentsOfServer() {
  const words = readFileSync('/proc/1/cmdline', 'utf8').split('\0').filter(Boolean);
  const start = words.findIndex((word) => word === 'serve' || /\.ya?ml$/.test(word));
  return start === -1 ? [] : words.slice(start);
}
