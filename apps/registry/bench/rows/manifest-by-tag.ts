import { manifestReads } from './manifest-reads.ts';
import type { Row, Tools } from './row.ts';

export function manifestByTag(tools: Tools): Row {
  return {
    key: 'manifest-by-tag',
    title: 'manifest by tag, 16 connections, req/s (p99 ms)',
    needsWrk: true,
    prepare: (server) => manifestReads(tools, server, 'by-tag', ({ tag }) => tag),
  };
}
