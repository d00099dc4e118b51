import { loadConfiguration } from '../src/config/index.ts';
import { version } from '../src/installation.ts';
import { silentLogger } from '../src/logging.ts';
import { openApiDocument } from '../src/openapi/document.ts';
import { apiReference } from '../src/openapi/reference.ts';
import { adminRoutesOf, openParts } from '../src/parts.ts';

/** Writes docs/api.md to the output, from a Berth in memory. */
const env = { REGISTRY_STORAGE: 'inmemory' };
const { configuration } = loadConfiguration({ env, cwd: process.cwd(), systemPaths: [] });
const parts = await openParts(configuration, silentLogger());
process.stdout.write(apiReference(openApiDocument({ routes: adminRoutesOf(parts), version })));
await parts.close();
