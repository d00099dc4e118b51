export { ClientGone, readBody } from './body.ts';
export { clientResolver, type Client, type ClientOptions } from './client.ts';
export { edge, type EdgeOptions } from './edge.ts';
export { errorReply, jsonReply, sendReply, type Reply } from './reply.ts';
