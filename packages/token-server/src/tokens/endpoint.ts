import { formatScope, OciError, type AuditLog, type PolicyClaims } from '@berth/protocol';
import { jsonReply, type Reply } from '@berth/protocol/http';
import type { IncomingMessage } from 'node:http';
import { unproved } from '../access/unproved.ts';
import type { Identity } from '../authenticators/authenticator.ts';
import type { Login } from '../authenticators/login.ts';
import { nameOf, type Principal, type Principals, type Who } from '../policy/principal.ts';
import type { ReadVersions } from '../versions.ts';
import { grantedAccess, type Granted } from './granted.ts';
import type { IssuedToken, IssueToken } from './issue.ts';
import type { BadRefreshToken, RefreshTokens } from './refresh-tokens.ts';
import type { OtherService, OwnRegistry } from './services.ts';
import { readTokenRequest, type Proof, type TokenRequest } from './token-request.ts';

export interface TokenEndpointOptions {
  /** Absent where Berth is a token server alone. */
  readonly registry: OwnRegistry | undefined;
  /** Other registries that tokens may be for. */
  readonly otherServices: readonly OtherService[];
  /** Of a token, in seconds. */
  readonly expiration: number;
  readonly login: Login;
  readonly audit: AuditLog;
  readonly principals: Principals;
  readonly versions: ReadVersions;
  readonly refreshTokens: RefreshTokens;
  readonly issue: IssueToken;
}

/** Somebody, and how he proved it. */
interface Bearer {
  readonly who: Who;
  readonly principal: Principal;
  /** The refresh token to answer with where one is asked for; a personal access token gets none. */
  readonly refreshToken?: () => Promise<string>;
}

/** The registry that a token is for: Berth's own, or another one. */
type Service =
  | { readonly service: string; readonly own: OwnRegistry; readonly other?: never }
  | { readonly service: string; readonly other: OtherService; readonly own?: never };

/** RFC 6749, section 5.1 (rule 52). */
const secretHeaders = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** Answers one request for a token. Nothing is written by it but a refresh token that was asked for, and failures. */
export async function answerTokenRequest(
  options: TokenEndpointOptions,
  request: IncomingMessage,
  address: string,
): Promise<Reply> {
  const asked = await readTokenRequest(request);
  const { service, own, other } = serviceOf(options, asked);
  const { policy: pv } = await options.versions();
  const bearer = await prove(options, asked.proof, { service, address });
  const { principal } = bearer;
  const certificate = other?.keys === 'rootcertbundle';
  const granted = await grantedAccess(asked.scopes, {
    principal,
    findRepository: own?.findRepository,
    certificate,
    now: Date.now(),
  });
  const issued = await options.issue({
    subject: principal.account === null ? '' : nameOf(principal),
    service,
    access: granted.access,
    policy: policyClaims(bearer.who, pv, granted),
    life: options.expiration,
    certificate,
  });
  const refreshToken = asked.offline ? await bearer.refreshToken?.() : undefined;
  return jsonReply(200, answer(asked, issued, granted, refreshToken), secretHeaders);
}

/** Only what is registered is signed (rule 35): a token for anything else would be good there too. */
function serviceOf({ registry, otherServices }: TokenEndpointOptions, { services }: TokenRequest): Service {
  const [asked = registry?.service ?? onlyOne(otherServices), ...more] = new Set(services);
  const other = otherServices.find(({ name }) => name === asked);
  if (more.length === 0 && asked !== undefined && asked === registry?.service)
    return { service: asked, own: registry };
  if (more.length === 0 && other !== undefined) return { service: other.name, other };
  throw new OciError('BAD_REQUEST', { message: 'this token server makes no tokens for that service' });
}

/** Who asks for none can mean no other. */
function onlyOne(services: readonly OtherService[]): string | undefined {
  return services.length === 1 ? services[0]?.name : undefined;
}

async function prove(
  options: TokenEndpointOptions,
  proof: Proof,
  { service, address }: { readonly service: string; readonly address: string },
): Promise<Bearer> {
  const { principals, login, refreshTokens } = options;
  if (proof.kind === 'anonymous') return { who: {}, principal: await principals.anonymous() };
  if (proof.kind === 'malformed') throw unproved('the Authorization header is not Basic');
  if (proof.kind === 'refresh') {
    const who = await refreshTokens.find(proof.secret, service);
    if ('bad' in who) throw badRefreshToken(options, who, address);
    return loaded(principals, who, { refreshToken: async () => proof.secret });
  }
  const identity = await login({ user: proof.user, secret: proof.secret, address });
  if (identity === undefined) throw unproved('incorrect username or password');
  const refreshToken = () => refreshTokens.make(identity.account, identity.epoch, service);
  return loaded(principals, whoIs(identity), identity.credential === undefined ? { refreshToken } : {});
}

/** The client learns less than the audit has. */
function badRefreshToken(
  { audit }: TokenEndpointOptions,
  { bad, owner = 'anonymous' }: BadRefreshToken,
  address: string,
): OciError {
  audit.record({ action: 'login', outcome: 'failed', actor: owner, address, reason: bad });
  return unproved('the refresh token is not good, or not any more: log in again');
}

async function loaded(principals: Principals, who: Who, more: Pick<Bearer, 'refreshToken'>): Promise<Bearer> {
  const principal = await principals.load(who);
  if (principal === undefined) throw unproved('incorrect username or password');
  return { who, principal, ...more };
}

function whoIs({ account, epoch, credential }: Identity): Who {
  return { uid: account.id, epoch, cid: credential };
}

function policyClaims({ uid, epoch, cid }: Who, pv: number, { until }: Granted): PolicyClaims {
  return {
    pv,
    ...(uid === undefined ? {} : { uid }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(cid === undefined ? {} : { cid }),
    ...(until === undefined ? {} : { until: Math.floor(until / 1000) }),
  };
}

/** Rules 21 to 23: both names of the token, a whole number of seconds, a time with its zone. */
function answer(
  { method }: TokenRequest,
  { token, expiresIn, issuedAt }: IssuedToken,
  { access }: Granted,
  refreshToken: string | undefined,
): object {
  return {
    token,
    access_token: token,
    expires_in: expiresIn,
    issued_at: issuedAt.toISOString(),
    ...(method === 'POST' ? { token_type: 'Bearer', scope: access.map(formatScope).join(' ') } : {}),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  };
}
