import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runOk } from './command.ts';
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
    await copyFile((await findProgram('busybox')) ?? '/bin/busybox', join(context, 'busybox'));
    await writeFile(join(context, 'message'), message);
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    await client.dockerOk(['build', '--quiet', '--tag', name, context]);
  } finally {
    await removeFolder(context);
  }
}

/** Forgets every image of an engine, so that the next pull has to fetch each layer. */
export async function removeImages(client: DockerClient): Promise<void> {
  await client.dockerOk(['image', 'prune', '--all', '--force']);
}

/** Writes an OCI image layout (image-layout.md of the image specification) with one image of one layer, tagged `1`. Gives its digest. */
export async function writeLayout(folder: string, message: string): Promise<string> {
  const layer = await layerOf(folder, message);
  const compressed = await writeBlob(folder, gzipSync(layer));
  const config = await writeBlob(folder, Buffer.from(JSON.stringify(configOf(layer))));
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...compressed }],
  };
  const written = await writeBlob(folder, Buffer.from(JSON.stringify(manifest)));
  const annotations = { 'org.opencontainers.image.ref.name': '1' };
  const index = { schemaVersion: 2, manifests: [{ mediaType: manifest.mediaType, ...written, annotations }] };
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
  return written.digest;
}

async function layerOf(folder: string, message: string): Promise<Buffer> {
  const content = join(folder, 'content');
  await mkdir(content, { recursive: true });
  await writeFile(join(content, 'message'), message);
  await runOk('tar', ['-C', content, '-cf', join(folder, 'layer.tar'), 'message']);
  return readFile(join(folder, 'layer.tar'));
}

function configOf(layer: Buffer): object {
  const rootfs = { type: 'layers', diff_ids: [digestOf(layer)] };
  return { architecture: 'amd64', os: 'linux', config: {}, rootfs, history: [{ created_by: 'berth' }] };
}

async function writeBlob(folder: string, bytes: Buffer): Promise<{ digest: string; size: number }> {
  const digest = digestOf(bytes);
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  await writeFile(join(blobs, digest.slice('sha256:'.length)), bytes);
  return { digest, size: bytes.length };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
