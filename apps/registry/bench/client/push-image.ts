import type { Agent } from 'node:http';
import { type Content, contentOf } from './content.ts';
import { exchange } from './exchange.ts';
import type { PushedImage } from './job.ts';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

export interface Connection {
  readonly agent: Agent;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The requests of `docker push` and `crane push`: HEAD, POST, PATCH and PUT of layer and configuration, then the manifest. */
export async function pushImage(
  connection: Connection,
  repository: string,
  tag: string,
  layer: Content,
): Promise<PushedImage> {
  const config = configOf(layer);
  await pushBlob(connection, repository, layer);
  await pushBlob(connection, repository, config);
  const manifest = manifestOf(config, layer);
  const { agent, url, headers } = connection;
  await exchange(agent, {
    method: 'PUT',
    url: new URL(`/v2/${repository}/manifests/${tag}`, url),
    headers: { ...headers, 'content-type': manifestType },
    body: manifest,
    expect: 201,
  });
  return { repository, tag, manifest: manifest.digest, layer: layer.digest };
}

async function pushBlob(
  { agent, url, headers }: Connection,
  repository: string,
  blob: Content,
): Promise<void> {
  const blobs = new URL(`/v2/${repository}/blobs/`, url);
  const octets = { ...headers, 'content-type': 'application/octet-stream' };
  await exchange(agent, { method: 'HEAD', url: new URL(`./${blob.digest}`, blobs), headers, expect: 404 });
  const started = await exchange(agent, {
    method: 'POST',
    url: new URL('uploads/', blobs),
    headers,
    expect: 202,
  });
  const session = new URL(started.headers.location ?? '', url);
  const patched = await exchange(agent, {
    method: 'PATCH',
    url: session,
    headers: octets,
    body: blob,
    expect: 202,
  });
  const end = new URL(patched.headers.location ?? '', url);
  end.searchParams.set('digest', blob.digest);
  await exchange(agent, { method: 'PUT', url: end, headers: octets, expect: 201 });
}

function configOf({ digest }: Content): Content {
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digest] },
  };
  return contentOf(Buffer.from(JSON.stringify(config)));
}

function manifestOf(config: Content, layer: Content): Content {
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: config.digest,
      size: config.size,
    },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer.digest, size: layer.size }],
  };
  return contentOf(Buffer.from(JSON.stringify(manifest)));
}
