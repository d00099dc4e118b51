import { manifestReads } from './manifest-reads.ts';
import type { Row, Tools } from './row.ts';

export function manifestByDigest(tools: Tools): Row {
  return {
    key: 'manifest-by-digest',
    title: 'manifest by digest, 16 connections, req/s (p99 ms)',
    needsWrk: true,
    prepare: (server) => manifestReads(tools, server, 'by-digest', ({ manifest }) => manifest),
  };
}
