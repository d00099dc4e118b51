import { imageType, sha256 } from './registry.ts';

const manifestTypes = [
  imageType,
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** Speaks the registry API to any registry. */
export interface PlainClient {
  ask(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<Response>;
  pushBlob(repository: string, content: string): Promise<string>;
  pushManifest(repository: string, reference: string, content: string, type: string): Promise<string>;
  /** What a pull gives: digest, type and a digest of the bytes; or the status of the refusal. */
  pull(repository: string, reference: string): Promise<string>;
  /** A digest of the bytes, or the status of the refusal. */
  pullBlob(repository: string, digest: string): Promise<string>;
}

/** `authorization` goes with every request. */
export function plainClient(url: string, authorization?: string): PlainClient {
  const ask: PlainClient['ask'] = (method, path, body, headers = {}) =>
    fetch(new URL(path, url), {
      method,
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      ...(body !== undefined && { body }),
    });
  const expectStatus = async (answer: Response, status: number) => {
    if (answer.status !== status) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  return {
    ask,
    async pushBlob(repository, content) {
      const begun = await expectStatus(await ask('POST', `/v2/${repository}/blobs/uploads/`), 202);
      const end = new URL(begun.headers.get('location')!, url);
      end.searchParams.set('digest', sha256(content));
      const type = { 'content-type': 'application/octet-stream' };
      await expectStatus(await ask('PUT', end.href, content, type), 201);
      return sha256(content);
    },
    async pushManifest(repository, reference, content, type) {
      const headers = { 'content-type': type };
      await expectStatus(await ask('PUT', `/v2/${repository}/manifests/${reference}`, content, headers), 201);
      return sha256(content);
    },
    async pull(repository, reference) {
      const answer = await ask('GET', `/v2/${repository}/manifests/${reference}`, undefined, {
        accept: manifestTypes,
      });
      const bytes = await answer.bytes();
      if (answer.status !== 200) return String(answer.status);
      const type = answer.headers.get('content-type');
      return `${answer.headers.get('docker-content-digest')} ${type} ${sha256(bytes)}`;
    },
    async pullBlob(repository, digest) {
      const answer = await ask('GET', `/v2/${repository}/blobs/${digest}`);
      const bytes = await answer.bytes();
      return answer.status === 200 ? sha256(bytes) : String(answer.status);
    },
  };
}
