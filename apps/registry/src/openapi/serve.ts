import { OciError } from '@berth/protocol';
import { jsonReply, sendReply } from '@berth/protocol/http';
import type { Middleware } from 'koa';
import type { OpenApiDocument, OpenApiOptions } from './document.ts';
import { documentPath } from './path.ts';

/** `GET /api/v1/openapi.json`, for anyone; made, and its maker loaded, when it is first asked for. Everything else goes on. */
export function openApi(options: OpenApiOptions): Middleware {
  let made: OpenApiDocument | undefined;
  return async ({ req, res, path, method }, next) => {
    if (path !== `/api/v1${documentPath}`) return next();
    if (method !== 'GET' && method !== 'HEAD') {
      throw new OciError('UNSUPPORTED', { headers: { allow: 'GET, HEAD' } });
    }
    made ??= await makeDocument(options);
    await sendReply(req, res, jsonReply(200, made, { 'cache-control': 'no-cache' }));
  };
}

async function makeDocument(options: OpenApiOptions): Promise<OpenApiDocument> {
  const { openApiDocument } = await import('./document.ts');
  return openApiDocument(options);
}
