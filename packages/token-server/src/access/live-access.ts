import {
  allowed,
  denied,
  type Access,
  type Action,
  type RepositoryFacts,
  type Tag,
  type TagRights,
  type Verdict,
} from '@berth/protocol';
import { evaluate } from '../policy/evaluate.ts';
import type { Principal } from '../policy/principal.ts';
import { readableNames } from '../policy/readable.ts';
import { sentence } from '../policy/words.ts';
import type { Challenger } from './challenger.ts';

/** Today's rights of somebody, cut by the limits of his credential. They hold for the time of one request. */
export function liveAccess(principal: Principal, challenger: Challenger, now: number = Date.now()): Access {
  const verdict = (repository: RepositoryFacts, action: Action, tag?: Tag | null): Verdict => {
    const question = { repository, action, tag, now };
    const decision = evaluate(principal, question);
    return decision.allowed ? allowed : denied(sentence(principal, question, decision));
  };
  return {
    account: principal.account,
    may: (repository, action) => verdict(repository, action),
    mayList: () => true,
    tag(repository, tag): TagRights {
      const put = verdict(repository, 'push', tag);
      const overwrite = put.allowed ? verdict(repository, 'overwrite', tag) : put;
      return { put, overwrite, delete: verdict(repository, 'delete', tag) };
    },
    deleteUntagged: (repository) => verdict(repository, 'delete', null),
    readable: () => readableNames(principal, now),
    challenge: (needed) => challenger(needed, 'insufficient_scope'),
  };
}
