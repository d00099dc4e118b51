import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { imageType, indexType, sha256 } from './registry.ts';
import { runOk } from './command.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';

const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const emptyType = 'application/vnd.oci.empty.v1+json';
export const noteType = 'application/vnd.berth.note.v1';

const platforms = {
  amd64: { os: 'linux', architecture: 'amd64' },
  arm64: { os: 'linux', architecture: 'arm64', variant: 'v8' },
} as const;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The digests in the layout of `writeLayout`. */
export interface LayoutContent {
  /** Tag `1`: an image of one layer for linux/amd64, whose file `/message` says `hello amd64`. */
  readonly image: string;
  /** Tag `many`: an index of that image and its brother for linux/arm64. */
  readonly index: string;
  /** The brother. */
  readonly arm: string;
  /** Tag `note`: an artifact of the type `noteType`, whose subject is the image. */
  readonly note: string;
}

/** Writes an OCI image layout (image-layout.md of the image specification) with all kinds of content. */
export async function writeLayout(folder: string): Promise<LayoutContent> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const image = await writeImage(folder, 'amd64');
  const arm = await writeImage(folder, 'arm64');
  const index = await writeJson(folder, indexType, {
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [
      { ...image, platform: platforms.amd64 },
      { ...arm, platform: platforms.arm64 },
    ],
  });
  const note = await writeNote(folder, image);
  const tagged = (descriptor: Descriptor, tag: string) => ({
    ...descriptor,
    annotations: { 'org.opencontainers.image.ref.name': tag },
  });
  const manifests = [tagged(image, '1'), tagged(index, 'many'), tagged(note, 'note')];
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }),
  );
  return { image: image.digest, index: index.digest, arm: arm.digest, note: note.digest };
}

async function writeImage(folder: string, architecture: keyof typeof platforms): Promise<Descriptor> {
  const layer = await layerOf(`hello ${architecture}`);
  const config = {
    ...platforms[architecture],
    config: { Cmd: ['/message'] },
    rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
    history: [{ created_by: 'berth' }],
  };
  return writeJson(folder, imageType, {
    schemaVersion: 2,
    mediaType: imageType,
    config: await writeJson(folder, configType, config),
    layers: [await writeBlob(folder, layerType, gzipSync(layer))],
  });
}

/** An artifact after "Guidelines for Artifact Usage" of the image specification 1.1. */
async function writeNote(folder: string, subject: Descriptor): Promise<Descriptor> {
  return writeJson(folder, imageType, {
    schemaVersion: 2,
    mediaType: imageType,
    artifactType: noteType,
    config: await writeBlob(folder, emptyType, Buffer.from('{}')),
    layers: [await writeBlob(folder, 'text/plain', Buffer.from('a note'))],
    subject,
  });
}

/** A tar of the file `/message`. */
async function layerOf(message: string): Promise<Buffer> {
  const folder = await temporaryFolder();
  try {
    await writeFile(join(folder, 'message'), message);
    const tar = await runOk('tar', ['-C', folder, '-c', 'message']);
    return Buffer.from(tar);
  } finally {
    await removeFolder(folder);
  }
}

function writeJson(folder: string, mediaType: string, content: object): Promise<Descriptor> {
  return writeBlob(folder, mediaType, Buffer.from(JSON.stringify(content)));
}

async function writeBlob(folder: string, mediaType: string, bytes: Buffer): Promise<Descriptor> {
  const digest = sha256(bytes);
  await writeFile(join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length)), bytes);
  return { mediaType, digest, size: bytes.length };
}
