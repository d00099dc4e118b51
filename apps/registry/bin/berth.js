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

// With the sources kept stripped and compiled, a start takes 25 MB less memory.
module.enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/berth'));

const { main } = await import('@berth/registry/main');
await main();
