export type {
  Allowed,
  Authenticator,
  CredentialScope,
  Guess,
  Identity,
  LoginAttempt,
} from './authenticators/authenticator.ts';
export type { FirstAdmin } from './subjects/first-admin.ts';
export { keyAlgorithms, type KeyAlgorithm } from './tokens/key-algorithms.ts';
export type { OtherService, OwnRegistry } from './tokens/services.ts';
export { createTokenServer, type TokenServer, type TokenServerOptions } from './token-server.ts';
export type { Upkeep } from './upkeep.ts';
