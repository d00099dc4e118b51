import { blobs, tagged, untagged } from './content.ts';
import { matchesTag, may, type Asked, type Asker } from './rights.ts';
import type { Change, Credential, Grant, Repository, World } from './world.ts';

/** What a repository holds, by the names of `content.ts`. */
export interface Stored extends Repository {
  readonly tags: Map<string, string>;
  readonly manifests: Set<string>;
  readonly blobs: Set<string>;
}

/** What is so at one moment: the rules, and the content of the repositories as the allowed requests changed it. */
export class State {
  readonly repositories = new Map<string, Stored>();
  readonly #members: Map<string, Set<string>>;
  readonly #disabled = new Set<string>();
  readonly #gone = new Set<Credential>();
  #grants: readonly Grant[];

  constructor(world: World) {
    this.#grants = world.grants;
    this.#members = new Map(Object.entries(world.teams).map(([team, users]) => [team, new Set(users)]));
    for (const repository of world.repositories) this.repositories.set(repository.name, filled(repository));
  }

  apply(world: World, change: Change): void {
    if (change.kind === 'grant') this.#grants = [...this.#grants, change.grant];
    if (change.kind === 'remove grant') this.#removeGrant(chosen(world.grants, change.index));
    if (change.kind === 'disable') this.#disabled.add(change.account);
    if (change.kind === 'leave') this.#members.get(change.team)?.delete(change.user);
    if (change.kind === 'join') this.#members.get(change.team)?.add(change.user);
    if (change.kind === 'remove credential') this.#gone.add(chosen(world.credentials, change.index));
    if (change.kind === 'visibility') {
      const repository = this.stored(chosen(world.repositories, change.index).name);
      this.repositories.set(repository.name, { ...repository, visibility: change.visibility });
    }
  }

  #removeGrant(grant: Grant): void {
    this.#grants = this.#grants.filter((other) => other !== grant);
  }

  /** Whether one gets in with it at all. */
  isGood(credential: Credential): boolean {
    const { owner, kind } = credential;
    const removed = kind === 'personal' && this.#gone.has(credential);
    return credential.lasts !== 'past' && !removed && (owner === null || !this.#disabled.has(owner));
  }

  may(credential: Credential, action: string, name: string, tag: Asked['tag'] = 'any'): boolean {
    const { visibility } = this.stored(name);
    return may(this.#asker(credential), { action, repository: { name, visibility }, tag }, this.#grants);
  }

  #asker({ owner, limits }: Credential): Asker {
    const teams = [...this.#members].filter(([, users]) => owner !== null && users.has(owner));
    return { account: owner, limits, teams: teams.map(([team]) => team) };
  }

  /** What is not there is private and empty. */
  stored(name: string): Stored {
    return this.repositories.get(name) ?? nothing({ name, visibility: 'private', immutableTags: [] });
  }

  exists(name: string): boolean {
    return this.repositories.has(name);
  }

  /** To be written to. */
  made(name: string): Stored {
    const repository = this.stored(name);
    this.repositories.set(name, repository);
    return repository;
  }

  isImmutable(name: string, tag: string): boolean {
    return this.stored(name).immutableTags.some((pattern) => matchesTag(pattern, tag));
  }

  /** Somebody and all grants, for people to read. */
  describe(credential: Credential): unknown {
    return { ...this.#asker(credential), grants: this.#grants };
  }
}

export function chosen<Item>(list: readonly Item[], index: number): Item {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

function nothing(repository: Repository): Stored {
  return { ...repository, tags: new Map(), manifests: new Set(), blobs: new Set() };
}

function filled(repository: Repository): Stored {
  const tags = new Map(Object.entries(tagged));
  return { ...repository, tags, manifests: new Set([...tags.values(), ...untagged]), blobs: new Set(blobs) };
}
