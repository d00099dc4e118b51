export type { OtherService, OwnRegistry } from './tokens/services.ts';
export { createTokenServer, type TokenServer, type TokenServerOptions } from './token-server.ts';
