export type {
  Authenticator,
  CredentialScope,
  Identity,
  LoginAttempt,
} from './authenticators/authenticator.ts';
export type { FirstAdmin } from './subjects/first-admin.ts';
export { createTokenServer, type TokenServer, type TokenServerOptions } from './token-server.ts';
