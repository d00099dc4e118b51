#!/usr/bin/env node
// Plain JavaScript that an old Node can read too: everything else needs the Node that is checked for here.
import module from 'node:module';
import { join } from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 7)) {
  process.stderr.write(
    `berth: Node 24.7 or newer is needed, and this is ${process.versions.node}. ` +
      'With npm alone: npx -y -p node@26 -p pnpm@12 -- pnpm start\n',
  );
  process.exit(1);
}

// Slow password hashes and file reads share libuv's threads, whose number is fixed by their first use: with the usual
// four, 200 logins at once made a file read take 4.6 seconds.
process.env.UV_THREADPOOL_SIZE ??= '16';

// After the 19 MiB of one argon2, glibc keeps for itself whatever is smaller, unless its threshold is given from the
// start: with it the server holds 40 MB less. It is read when a process begins, so this one begins once more.
const threshold = 'MALLOC_MMAP_THRESHOLD_';
const serves = /^serve$|\.ya?ml$/.test(process.argv[2] ?? '');
if (serves && process.platform === 'linux' && process.env[threshold] === undefined) {
  process.env[threshold] = '131072';
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    process.env,
  );
}

// With the sources kept stripped and compiled, a start takes 25 MB less memory.
module.enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/berth'));

const { main } = await import('@berth/registry/main');
await main();
