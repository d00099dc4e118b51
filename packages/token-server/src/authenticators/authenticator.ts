import type { Account, Action, RepositoryPattern } from '@berth/protocol';

/** One limit of a narrowed personal access token: these actions on these repositories. */
export interface CredentialScope {
  readonly repository: RepositoryPattern;
  readonly actions: readonly Action[];
}

/** Somebody proved to be an account, and with which credential. */
export interface Identity {
  readonly account: Account;
  /** The account's epoch when it was proved: a new password makes a new one. */
  readonly epoch: number;
  readonly admin: boolean;
  /** The personal access token that was used. */
  readonly credential?: {
    readonly id: string;
    /** Milliseconds since 1970. */
    readonly expiresAt: number | null;
    /** `null`: no narrower than its owner. */
    readonly scopes: readonly CredentialScope[] | null;
  };
}

export interface LoginAttempt {
  /** As the client sent it; not checked. */
  readonly user: string;
  readonly secret: string;
  /** Address of the client. */
  readonly address: string;
}

/** One way to log in. */
export interface Authenticator {
  readonly name: string;
  /** `unknown`: not mine, ask the next one. `wrong`: mine, and refused. */
  authenticate(attempt: LoginAttempt): Promise<Identity | 'wrong' | 'unknown'>;
}
