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

/** What somebody guesses: the password of an account, or a random secret, which no account makes easier. */
export type Guess = 'password' | 'secret';

/** Throws `TOOMANYREQUESTS` where too many attempts like this one have failed. */
export type Allowed = () => Promise<void>;

/** One way to log in. */
export interface Authenticator {
  readonly name: string;
  readonly guess: Guess;
  /**
   * `unknown`: not mine, ask the next one. `wrong`: mine, and refused. Where passwords can be guessed it asks `allowed`
   * first of all, and again before whatever is slow begins after a wait.
   */
  authenticate(attempt: LoginAttempt, allowed: Allowed): Promise<Identity | 'wrong' | 'unknown'>;
}
