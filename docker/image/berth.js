#!/usr/bin/env node
// `berth` and `registry` of the image: gives up root, then becomes Berth itself, in the same process.
import { join } from 'node:path';
import { dataFolderOf } from '../apps/registry/dist/config/index.js';
import { configurationOf } from './configuration.js';
import { takeOwner } from './owner.js';

const folder = import.meta.dirname;
const args = process.argv.slice(2);

if (process.getuid() === 0) become(ownerOfData());
const program = ['--require', join(folder, 'signals.cjs'), join(folder, '../apps/registry/bin/berth.js')];
process.execve(process.execPath, ['node', ...program, ...args]);

function ownerOfData() {
  const configuration = configurationOf(args);
  if (configuration === undefined) return takeOwner('/var/lib/registry');
  return takeOwner(dataFolderOf(configuration.storage.driver));
}

function become({ uid, gid }) {
  if (uid === 0) return;
  try {
    process.setgroups([]);
    process.setgid(gid);
    process.setuid(uid);
  } catch (error) {
    process.stderr.write(
      `berth: root may not become the owner of the data, ${uid}:${gid} (${error.code}). ` +
        `Allow the capabilities SETUID and SETGID, or start the container with --user ${uid}:${gid}\n`,
    );
    process.exit(1);
  }
}
