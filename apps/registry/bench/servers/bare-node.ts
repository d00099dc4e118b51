import type { ServerKind } from './server.ts';
import { startServer } from './start-server.ts';

const kind = { name: 'node', title: 'node:http' };

/** Answers every GET and HEAD with one manifest from memory: what the HTTP of Node costs before anything is done with it. */
export const bareNode: ServerKind = {
  ...kind,
  advice: 'it is Node',
  locate: async () => process.execPath,
  start: (program, place) =>
    startServer(kind, { file: program, args: ['--eval', source, String(place.port)] }, place),
};

const source = `
  const digest = 'sha256:' + 'a'.repeat(64);
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 160 };
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: 10000 }];
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  const headers = { 'content-type': mediaType, 'content-length': body.length, 'docker-content-digest': digest, etag: digest };
  require('node:http').createServer((request, response) => {
    response.writeHead(200, headers);
    response.end(request.method === 'HEAD' ? undefined : body);
  }).listen(Number(process.argv[1]), '127.0.0.1');
`;
