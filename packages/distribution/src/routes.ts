import type { TokenAction } from '@berth/protocol';
import type { Handler } from './exchange.ts';
import type { blobHandlers } from './handlers/blobs.ts';
import type { listHandlers } from './handlers/lists.ts';
import type { manifestHandlers } from './handlers/manifests.ts';
import type { uploadHandlers } from './handlers/uploads.ts';

/** What stands behind the name of a repository in a path. */
export type Endpoint = 'manifests' | 'blobs' | 'uploads' | 'upload' | 'tags' | 'referrers';

export interface Route {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** What the request must be allowed to do. */
  readonly needs: TokenAction;
  /** Refused where deletion is switched off. */
  readonly deletes?: true;
  readonly handler: Handler;
}

export interface Handlers {
  readonly blobs: ReturnType<typeof blobHandlers>;
  readonly lists: ReturnType<typeof listHandlers>;
  readonly manifests: ReturnType<typeof manifestHandlers>;
  readonly uploads: ReturnType<typeof uploadHandlers>;
}

/** One row an endpoint. HEAD is answered as GET without its body. */
export function routes({ blobs, lists, manifests, uploads }: Handlers): readonly Route[] {
  return [
    { endpoint: 'manifests', method: 'GET', needs: 'pull', handler: manifests.get },
    { endpoint: 'manifests', method: 'PUT', needs: 'push', handler: manifests.put },
    { endpoint: 'manifests', method: 'DELETE', needs: 'delete', deletes: true, handler: manifests.remove },
    { endpoint: 'blobs', method: 'GET', needs: 'pull', handler: blobs.get },
    { endpoint: 'blobs', method: 'DELETE', needs: 'delete', deletes: true, handler: blobs.remove },
    { endpoint: 'uploads', method: 'POST', needs: 'push', handler: uploads.start },
    { endpoint: 'upload', method: 'GET', needs: 'push', handler: uploads.status },
    { endpoint: 'upload', method: 'PATCH', needs: 'push', handler: uploads.append },
    { endpoint: 'upload', method: 'PUT', needs: 'push', handler: uploads.finish },
    { endpoint: 'upload', method: 'DELETE', needs: 'push', handler: uploads.cancel },
    { endpoint: 'tags', method: 'GET', needs: 'pull', handler: lists.tags },
    { endpoint: 'referrers', method: 'GET', needs: 'pull', handler: lists.referrers },
  ];
}
