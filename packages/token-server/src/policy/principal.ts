import { isRepositoryName, type Account } from '@berth/protocol';
import type { CredentialScope } from '../credentials/scopes.ts';
import type { Versions } from '../versions.ts';
import type { Grant } from './grant.ts';
import { grantRule, ownerRule, type Rule } from './rule.ts';
import { RuleSet } from './rule-set.ts';
import { PatternTrie } from './trie.ts';

/** Somebody as the policy sees him now: his grants compiled, and the limits of the credential that he came with. */
export interface Principal {
  /** `null` for anonymous, and for `local`, the command line on the machine. */
  readonly account: Account | null;
  readonly admin: boolean;
  /** Names of his teams. */
  readonly teams: readonly string[];
  /** `null`: no narrower than the account. */
  readonly limits: readonly CredentialScope[] | null;
  /** When the credential ends, in milliseconds since 1970. */
  readonly credentialExpiresAt: number | null;
  readonly rules: RuleSet;
}

/** Which account, as a token or a login names it. */
export interface Who {
  readonly uid?: string | undefined;
  /** Checked only where it is given. */
  readonly epoch?: number | undefined;
  /** Id of the personal access token that was used. */
  readonly cid?: string | undefined;
}

export interface Principals {
  /**
   * Anonymous where there is no `uid`. `undefined` where the account is gone, disabled or of another epoch, or its
   * credential is gone or has expired. `at`: the versions, where the caller has just read them.
   */
  load(who: Who, at?: Versions): Promise<Principal | undefined>;
  anonymous(): Promise<Principal>;
  /** `local`, the command line on the machine: owns everything, as an administrator does. */
  local(): Principal;
}

export interface PrincipalFacts {
  readonly account: Account | null;
  readonly admin: boolean;
  readonly teams: readonly string[];
  /** All that name him, one of his teams, `authenticated` or `anonymous`. */
  readonly grants: readonly Grant[];
}

/** A principal without a narrowed credential. */
export function compilePrincipal({ account, admin, teams, grants }: PrincipalFacts): Principal {
  const reaching = grants.filter((grant) => reaches(grant, account)).map(grantRule);
  return principalWith({ account, admin, teams }, [compileRules([...ownRules(account, admin), ...reaching])]);
}

/** The same from parts: his own rules, those of his teams, and those of everybody. */
export function principalWith(
  somebody: Pick<Principal, 'account' | 'admin' | 'teams'>,
  parts: readonly PatternTrie<Rule>[],
): Principal {
  return { ...somebody, limits: null, credentialExpiresAt: null, rules: new RuleSet(parts) };
}

export function compileRules(rules: readonly Rule[]): PatternTrie<Rule> {
  const trie = new PatternTrie<Rule>();
  for (const rule of rules) trie.add(rule.pattern, rule);
  return trie;
}

/** What somebody has without any grant. */
export function ownRules(account: Account | null, admin: boolean): Rule[] {
  const rules: Rule[] = [];
  if (admin) rules.push(ownerRule({ kind: 'all' }, 'administrator'));
  if (account?.kind === 'user' && isRepositoryName(account.name)) {
    rules.push(ownerRule({ kind: 'below', parent: account.name }, 'owner'));
  }
  return rules;
}

/** An allow for `anonymous` holds for all, a deny only for those without an account. Robots are `authenticated`. */
function reaches({ subject, effect }: Grant, account: Account | null): boolean {
  if (subject.kind === 'anonymous') return effect === 'allow' || account === null;
  return account !== null;
}

/** The name that people and the audit know him by. */
export function nameOf({ account, admin }: Pick<Principal, 'account' | 'admin'>): string {
  return account?.name ?? (admin ? 'local' : 'anonymous');
}
