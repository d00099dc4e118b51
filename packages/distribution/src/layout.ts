/**
 * Every path in storage:
 *
 *   docker/registry/v2/blobs/<algorithm>/<first two hex digits>/<hex>/data    a blob, where `registry:2` keeps it
 *   berth/uploads/<id>                                                        the bytes of an upload in progress
 */
import { digestParts, type Digest } from '@berth/protocol';

export function blobPath(digest: Digest): string {
  const { algorithm, hex } = digestParts(digest);
  return `docker/registry/v2/blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`;
}

export function uploadPath(id: string): string {
  return `berth/uploads/${id}`;
}
