import type { Account } from '@berth/protocol';

/** Somebody proved to be an account. */
export interface Identity {
  readonly account: Account;
  /** The account's epoch when it was proved: a new password makes a new one. */
  readonly epoch: number;
  /** Id of the personal access token that was used. */
  readonly credential?: string;
}

/** A credential of an account that is good no more. */
export interface Ended {
  /** Why, for the audit. */
  readonly ended: string;
  /** Name of the account. */
  readonly owner: string;
  readonly credential: string;
}

export interface LoginAttempt {
  /** As the client sent it; not checked. */
  readonly user: string;
  readonly secret: string;
  /** Address of the client. */
  readonly address: string;
}

/** What a failed attempt was guessing: the password of one account, or a random secret, whosever it is. */
export type Guess = 'password' | 'secret';

/** Throws `TOOMANYREQUESTS` where too many attempts like this one have failed. */
export type Allowed = () => Promise<void>;

/** One way to log in. */
export interface Authenticator {
  readonly name: string;
  readonly guess: Guess;
  /**
   * `unknown`: not for this one, ask the next. `wrong`, and what has ended: for this one, and refused. Where passwords can be guessed it asks `allowed`
   * first of all, and again before whatever is slow begins after a wait.
   */
  authenticate(attempt: LoginAttempt, allowed: Allowed): Promise<Identity | Ended | 'wrong' | 'unknown'>;
}
