import type { FindRepository } from '@berth/protocol';

/** Berth's own registry. */
export interface OwnRegistry {
  /** As tokens name it. */
  readonly service: string;
  readonly findRepository: FindRepository;
  /** Whether a repository `<name>/…` exists: its namespace is nobody's to take. */
  readonly hasRepositoriesBelow: (name: string) => Promise<boolean>;
}

/**
 * A registry that is not Berth and takes its tokens. `keys`: with which of its own settings it is given Berth's keys.
 * `rootcertbundle` (`registry:2`, `registry:3`) needs the certificate in the token, and where a token has one,
 * `registry:3` looks nowhere else, so that `jwks` needs a token without (distribution v3.1.1,
 * `registry/auth/token/token.go`, `VerifySigningKey`).
 */
export interface OtherService {
  readonly name: string;
  readonly keys: 'rootcertbundle' | 'jwks';
}
