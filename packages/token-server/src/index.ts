export type {
  Allowed,
  Authenticator,
  CredentialScope,
  Guess,
  Identity,
  LoginAttempt,
} from './authenticators/authenticator.ts';
export type { FirstAdmin } from './subjects/first-admin.ts';
export type { OtherService } from './tokens/services.ts';
export { createTokenServer, type TokenServer, type TokenServerOptions } from './token-server.ts';
