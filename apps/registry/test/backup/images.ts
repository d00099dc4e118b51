import type { BerthProcess, Person } from '../support/berth-process.ts';
import { fetchToken, fetchWith } from '../support/registry-client.ts';
import { imageType, sha256 } from '../support/registry.ts';

export interface Image {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export interface PushedImage extends Image {
  /** Their digests. */
  readonly layers: readonly string[];
}

/** Pushes an image with a config of its own. */
export async function pushImage(
  berth: BerthProcess,
  who: Person,
  repository: string,
  tag: string,
  layers: readonly Buffer[],
): Promise<PushedImage> {
  const token = await fetchToken(berth, `repository:${repository}:pull,push`, who);
  const authorization = `Bearer ${token}`;
  const config = Buffer.from(JSON.stringify({ repository, tag, layers: layers.map(sha256) }));
  for (const blob of [config, ...layers]) {
    const headers = { authorization, 'content-type': 'application/octet-stream' };
    const path = `${repository}/blobs/uploads/?digest=${sha256(blob)}`;
    await created(berth, path, { method: 'POST', headers, body: Buffer.from(blob) });
  }
  const manifest = manifestOf(config, layers);
  const headers = { authorization, 'content-type': imageType };
  await created(berth, `${repository}/manifests/${tag}`, { method: 'PUT', headers, body: manifest });
  return { repository, tag, digest: sha256(manifest), layers: layers.map(sha256) };
}

function manifestOf(config: Buffer, layers: readonly Buffer[]): string {
  const descriptor = (content: Buffer, mediaType: string) => {
    return { mediaType, digest: sha256(content), size: content.length };
  };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: descriptor(config, 'application/vnd.oci.image.config.v1+json'),
    layers: layers.map((layer) => descriptor(layer, 'application/vnd.oci.image.layer.v1.tar')),
  });
}

async function created(berth: BerthProcess, path: string, init: RequestInit): Promise<void> {
  const answer = await fetch(`${berth.url}/v2/${path}`, init);
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${text}`);
}

/**
 * Pulls an image by its digest and everything that it names, and compares it with its digests. Answers the status of the
 * manifest; throws where something else of it is not there or has other bytes.
 */
export async function pullImage(berth: BerthProcess, who: Person, image: Image): Promise<number> {
  const { repository, digest } = image;
  const token = await fetchToken(berth, `repository:${repository}:pull`, who);
  const answer = await fetchWith(berth, token, `${repository}/manifests/${digest}`);
  const text = await answer.text();
  if (answer.status !== 200) return answer.status;
  if (sha256(text) !== digest) throw new Error(`${digest} has other bytes`);
  const { config, layers } = JSON.parse(text) as { config: { digest: string }; layers: { digest: string }[] };
  for (const { digest: part } of [config, ...layers]) {
    const blob = await fetchWith(berth, token, `${repository}/blobs/${part}`);
    const bytes = Buffer.from(await blob.arrayBuffer());
    if (blob.status !== 200 || sha256(bytes) !== part) throw new Error(`${part}: ${blob.status}`);
  }
  return 200;
}

/** Deletes the manifest, and so all its tags. */
export async function removeImage(berth: BerthProcess, who: Person, image: Image): Promise<void> {
  const token = await fetchToken(berth, `repository:${image.repository}:delete`, who);
  const headers = { authorization: `Bearer ${token}` };
  const path = `${image.repository}/manifests/${image.digest}`;
  const { status } = await fetch(`${berth.url}/v2/${path}`, { method: 'DELETE', headers });
  if (status !== 202) throw new Error(`DELETE ${path}: ${status}`);
}
