export { authorizationOf } from './authorization.ts';
export { ClientGone, readBody } from './body.ts';
export { clientResolver, type Client, type ClientOptions } from './client.ts';
export { edge, type EdgeOptions } from './edge.ts';
export { throughKoa } from './koa.ts';
export { errorReply, jsonReply, sendReply, type Reply } from './reply.ts';
export type { Answer, Visit } from './visit.ts';
