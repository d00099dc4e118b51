import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerClient } from './docker-engine.ts';
import { findProgram } from './require.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';

const dockerfile = `FROM scratch
COPY busybox /bin/busybox
COPY message /message
CMD ["/bin/busybox", "cat", "/message"]
`;

/**
 * Builds an image of two layers: a static busybox, the same in every image, and a file that holds `message`, which a
 * container prints. Two images with different messages are siblings: they share the first layer.
 */
export async function buildImage(client: DockerClient, name: string, message: string): Promise<void> {
  const context = await temporaryFolder();
  try {
    await writeBuildContext(context, message);
    await client.dockerOk(['build', '--quiet', '--tag', name, context]);
  } finally {
    await removeFolder(context);
  }
}

/** Writes what `buildImage` builds from into a folder that is there. */
export async function writeBuildContext(folder: string, message: string): Promise<void> {
  await copyFile((await findProgram('busybox')) ?? '/bin/busybox', join(folder, 'busybox'));
  await writeFile(join(folder, 'message'), message);
  await writeFile(join(folder, 'Dockerfile'), dockerfile);
}

/** Forgets every image of an engine, so that the next pull has to fetch each layer. */
export async function removeImages(client: DockerClient): Promise<void> {
  await client.dockerOk(['image', 'prune', '--all', '--force']);
}
