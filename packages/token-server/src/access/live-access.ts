import {
  allowed,
  denied,
  type Access,
  type Account,
  type Action,
  type OciError,
  type ReadableNames,
  type RepositoryAction,
  type RepositoryFacts,
  type Scope,
  type Tag,
  type TagRights,
  type Verdict,
} from '@berth/protocol';
import { evaluate, everyTag, type Question } from '../policy/evaluate.ts';
import type { Principal } from '../policy/principal.ts';
import { readableNames } from '../policy/readable.ts';
import { sentence } from '../policy/words.ts';
import type { Challenger } from './challenger.ts';

export interface LiveAccessOptions {
  /** Id of the personal access token. */
  readonly credential?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: number;
  readonly renew?: Access['renewed'];
}

/** Today's rights of somebody, cut by the limits of his credential. They hold for the time of one request. */
export function liveAccess(
  principal: Principal,
  challenger: Challenger,
  options: LiveAccessOptions = {},
): Access {
  return new LiveAccess(principal, challenger, options);
}

/** A class, since one is made for each request: an object of functions takes longer. */
class LiveAccess implements Access {
  readonly account: Account | null;
  readonly credential: string | undefined;
  readonly #principal: Principal;
  readonly #challenger: Challenger;
  readonly #now: number;
  readonly #renew: Access['renewed'];

  constructor(principal: Principal, challenger: Challenger, { credential, now, renew }: LiveAccessOptions) {
    this.account = principal.account;
    this.credential = credential;
    this.#principal = principal;
    this.#challenger = challenger;
    this.#now = now ?? Date.now();
    this.#renew = renew;
  }

  may(repository: RepositoryFacts, action: RepositoryAction): Verdict {
    return this.#verdict(repository, action);
  }

  mayList(): boolean {
    return true;
  }

  tag(repository: RepositoryFacts, tag: Tag): TagRights {
    const put = this.#verdict(repository, 'push', tag);
    const overwrite = put.allowed ? this.#verdict(repository, 'overwrite', tag) : put;
    return { put, overwrite, delete: this.#verdict(repository, 'delete', tag) };
  }

  deleteUntagged(repository: RepositoryFacts): Verdict {
    return this.#verdict(repository, 'delete', null);
  }

  deleteAll(repository: RepositoryFacts): Verdict {
    return this.#verdict(repository, 'delete', everyTag);
  }

  readable(): ReadableNames {
    return readableNames(this.#principal, this.#now);
  }

  challenge(needed: readonly Scope[]): OciError {
    return this.#challenger(needed, 'insufficient_scope');
  }

  async renewed(needed: readonly Scope[]): Promise<Access> {
    return (await this.#renew?.(needed)) ?? this;
  }

  #verdict(repository: RepositoryFacts, action: Action, tag?: Question['tag']): Verdict {
    const question: Question = { repository, action, tag, now: this.#now };
    const decision = evaluate(this.#principal, question);
    if (!decision.allowed) return denied(sentence(this.#principal, question, decision));
    const until = decision.rule?.expiresAt ?? null;
    return until === null ? allowed : { allowed: true, until };
  }
}
