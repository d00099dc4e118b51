import { sha256 } from '../support/registry.ts';
import { free, layer, manifest } from './content.ts';
import { chosen, type State, type Stored } from './state.ts';
import { everyTag, type Case, type Credential } from './world.ts';

/** One question, with what its numbers choose. */
export interface Question {
  readonly state: State;
  readonly credential: Credential;
  readonly asked: Case;
  readonly name: string;
  readonly source: string;
}

export interface Request {
  readonly method: string;
  /** Below `/v2/`. */
  readonly path: string;
  /** Name of a manifest. */
  readonly body?: string;
}

export interface Operation {
  readonly needs: 'pull' | 'push' | 'delete' | 'list';
  readonly request: (question: Question) => Request;
  /** What the registry has to answer to who has what the operation needs; what it changes is changed in the state. */
  readonly answer: (question: Question) => string;
}

const denied = '403 DENIED';

const tagOf = ({ asked }: Question) => chosen(everyTag, asked.tag);
const manifestOf = ({ asked }: Question) =>
  chosen(['image', 'empty', 'other', 'signature', 'multi'], asked.manifest);
const freeOf = ({ asked }: Question) => chosen(free, asked.manifest);
const stored = ({ state, name }: Question): Stored => state.stored(name);
const may = (question: Question, action: string, tag?: string | null): boolean => {
  const about = tag === undefined ? 'any' : tag === null ? 'none' : { named: tag };
  return question.state.may(question.credential, action, question.name, about);
};
const mayMake = (question: Question) => question.state.exists(question.name) || may(question, 'create');

function manifestPath({ name }: Question, reference: string): string {
  return `${name}/manifests/${reference}`;
}

function byTag(method: string): Operation {
  return {
    needs: 'pull',
    request: (question) => ({ method, path: manifestPath(question, tagOf(question)) }),
    answer: (question) => (stored(question).tags.has(tagOf(question)) ? '200' : '404'),
  };
}

function byDigest(method: string): Operation {
  return {
    needs: 'pull',
    request: (question) => ({
      method,
      path: manifestPath(question, manifest(manifestOf(question)).digest),
    }),
    answer: (question) => (stored(question).manifests.has(manifestOf(question)) ? '200' : '404'),
  };
}

const getBlob: Operation = {
  needs: 'pull',
  request: ({ name }) => ({ method: 'GET', path: `${name}/blobs/${sha256(layer)}` }),
  answer: (question) => (stored(question).blobs.has(layer) ? '200' : '404'),
};

interface Put {
  readonly tag: string;
  readonly body: string;
}

function putTag(choose: (question: Question) => Put): Operation {
  return {
    needs: 'push',
    request(question) {
      const { tag, body } = choose(question);
      return { method: 'PUT', path: manifestPath(question, tag), body };
    },
    answer(question) {
      const { tag, body } = choose(question);
      if (!mayMake(question) || !mayPut(question, tag, body)) return denied;
      store(question, [tag], body);
      return '201';
    },
  };
}

/** Put again unchanged it is no change. To move a tag is to push it, and more. */
function mayPut(question: Question, tag: string, body: string): boolean {
  const current = stored(question).tags.get(tag);
  if (current === body) return true;
  if (!may(question, 'push', tag)) return false;
  if (current === undefined) return true;
  return !question.state.isImmutable(question.name, tag) && may(question, 'overwrite', tag);
}

function store({ state, name }: Question, tags: readonly string[], body: string): void {
  const repository = state.made(name);
  repository.manifests.add(body);
  for (const tag of tags) repository.tags.set(tag, body);
}

function newTag(question: Question): Put {
  const { tags } = stored(question);
  const start = question.asked.tag;
  const order = [...everyTag.slice(start), ...everyTag.slice(0, start)];
  return { tag: order.find((tag) => !tags.has(tag)) ?? tagOf(question), body: freeOf(question) };
}

/** One that is there, where there is one; and not of the index whose child may be gone. */
function knownTag(question: Question): { tag: string; current: string } | undefined {
  const known = [...stored(question).tags].filter(([, current]) => current !== 'multi');
  if (known.length === 0) return undefined;
  const [tag, current] = chosen(known, question.asked.tag);
  return { tag, current };
}

function sameTag(question: Question): Put {
  const known = knownTag(question);
  return known === undefined ? newTag(question) : { tag: known.tag, body: known.current };
}

function movedTag(question: Question): Put {
  const known = knownTag(question);
  if (known === undefined) return newTag(question);
  const others = free.filter((name) => name !== known.current);
  return { tag: known.tag, body: chosen(others, question.asked.manifest) };
}

const twoTags = ({ asked }: Question) => [chosen(everyTag, asked.tag), chosen(everyTag, asked.tag + 1)];

function putDigest(tagsOf: (question: Question) => readonly string[]): Operation {
  return {
    needs: 'push',
    request(question) {
      const body = freeOf(question);
      const query = tagsOf(question).map((tag) => `tag=${tag}`);
      const path = manifestPath(question, manifest(body).digest);
      return { method: 'PUT', path: query.length === 0 ? path : `${path}?${query.join('&')}`, body };
    },
    answer(question) {
      const body = freeOf(question);
      const tags = tagsOf(question);
      if (!mayMake(question) || !tags.every((tag) => mayPut(question, tag, body))) return denied;
      store(question, tags, body);
      return '201';
    },
  };
}

const startUpload: Operation = {
  needs: 'push',
  request: ({ name }) => ({ method: 'POST', path: `${name}/blobs/uploads/` }),
  answer: (question) => (mayMake(question) ? '202' : denied),
};

function mount(sourcesOf: (question: Question) => readonly string[], named: boolean): Operation {
  return {
    needs: 'push',
    request: ({ name, source }) => ({
      method: 'POST',
      path: `${name}/blobs/uploads/?mount=${sha256(layer)}${named ? `&from=${source}` : ''}`,
    }),
    answer(question) {
      const { state, credential, name } = question;
      if (!mayMake(question)) return denied;
      const found = sourcesOf(question).some(
        (source) => state.stored(source).blobs.has(layer) && state.may(credential, 'pull', source),
      );
      if (found) state.made(name).blobs.add(layer);
      return found ? '201' : '202';
    },
  };
}

const deleteTag: Operation = {
  needs: 'delete',
  request: (question) => ({ method: 'DELETE', path: manifestPath(question, tagOf(question)) }),
  answer(question) {
    const tag = tagOf(question);
    const { tags } = stored(question);
    if (!tags.has(tag)) return '404';
    if (question.state.isImmutable(question.name, tag)) return '409 DENIED';
    if (!may(question, 'delete', tag)) return denied;
    tags.delete(tag);
    return '202';
  },
};

const deleteDigest: Operation = {
  needs: 'delete',
  request: (question) => ({
    method: 'DELETE',
    path: manifestPath(question, manifest(manifestOf(question)).digest),
  }),
  answer(question) {
    const { state, name } = question;
    if (!state.exists(name)) return '404';
    const digest = manifestOf(question);
    const { tags, manifests } = stored(question);
    const above = digest === 'empty' && manifests.has('multi') ? ['empty', 'multi'] : [digest];
    const naming = (wanted: readonly string[]) =>
      [...tags].filter(([, current]) => wanted.includes(current)).map(([tag]) => tag);
    const touched = naming(above);
    if (touched.some((tag) => state.isImmutable(name, tag))) return '409 DENIED';
    if (!touched.every((tag) => may(question, 'delete', tag))) return denied;
    const own = naming([digest]);
    if (own.length === 0 && !may(question, 'delete', null)) return denied;
    for (const tag of own) tags.delete(tag);
    return manifests.delete(digest) ? '202' : '404';
  },
};

const listTags: Operation = {
  needs: 'pull',
  request: ({ name }) => ({ method: 'GET', path: `${name}/tags/list` }),
  answer: (question) =>
    question.state.exists(question.name) ? `200 ${[...stored(question).tags.keys()].sort().join()}` : '404',
};

const listReferrers: Operation = {
  needs: 'pull',
  request: ({ name }) => ({ method: 'GET', path: `${name}/referrers/${manifest('image').digest}` }),
  answer: (question) =>
    stored(question).manifests.has('signature') ? `200 ${manifest('signature').digest}` : '200 ',
};

const catalog: Operation = {
  needs: 'list',
  request: ({ asked }) => ({ method: 'GET', path: `_catalog?n=${1 + (asked.scope % 4)}` }),
  answer({ state, credential }) {
    const readable = [...state.repositories.values()]
      .filter(({ name, manifests }) => manifests.size > 0 && state.may(credential, 'pull', name))
      .map(({ name }) => name);
    return `200 ${readable.sort().join()}`;
  },
};

export const operations: Readonly<Record<string, Operation>> = {
  'HEAD manifest by tag': byTag('HEAD'),
  'GET manifest by tag': byTag('GET'),
  'HEAD manifest by digest': byDigest('HEAD'),
  'GET manifest by digest': byDigest('GET'),
  'GET blob': getBlob,
  'PUT manifest by new tag': putTag(newTag),
  'PUT manifest by its tag again': putTag(sameTag),
  'PUT manifest by tag of another': putTag(movedTag),
  'PUT manifest by digest': putDigest(() => []),
  'PUT manifest by digest with tags': putDigest(twoTags),
  'POST upload': startUpload,
  'POST mount': mount(({ source }) => [source], true),
  'POST mount from anywhere': mount(({ state }) => [...state.repositories.keys()], false),
  'DELETE tag': deleteTag,
  'DELETE manifest by digest': deleteDigest,
  'GET tags': listTags,
  'GET referrers': listReferrers,
  'GET catalog': catalog,
};
