import type { BerthProcess, Person } from './berth-process.ts';
import type { CommandResult } from './command.ts';
import { basic } from './registry-client.ts';

export interface GrantRequest {
  /** With its kind: `user:bob`, `team:core`. */
  readonly subject: string;
  readonly role: string;
  readonly repository: string;
}

/** What is asked for in an administration test, over whichever road. A refusal rejects with the words of the server. */
export interface Administration {
  addUser(who: Person): Promise<void>;
  addTeam(team: string): Promise<void>;
  addMember(team: string, user: string): Promise<void>;
  /** Gives the id of the grant. */
  grant(request: GrantRequest): Promise<string>;
  removeGrant(id: string): Promise<void>;
  /** Everything that the answer says, as text. */
  explain(user: string, action: string, repository: string): Promise<string>;
  /** Makes a personal access token for a user, cut to one repository and action. Gives the whole answer as text. */
  createToken(name: string, user: string, repository: string, action: string): Promise<string>;
}

/** A way to administrate a server: as the administrator, and as somebody else over the network. */
export interface Road {
  readonly admin: (berth: BerthProcess, admin: Person) => Administration;
  readonly as: (berth: BerthProcess, who: Person) => Administration;
}

/** `berth …` on the machine itself, and with `--server` from elsewhere. */
export const commandLine: Road = {
  admin: (berth) => overCommands((args, input) => berth.berth(args, { input })),
  as: (berth, who) => overCommands((args, input) => berth.berthAs(who, args, { input })),
};

/** The same calls as `curl -u name:password` makes. */
export const administrationApi: Road = {
  admin: (berth, admin) => overHttp(berth, admin),
  as: (berth, who) => overHttp(berth, who),
};

type Call = (args: readonly string[], input: string) => Promise<CommandResult>;

function overCommands(call: Call): Administration {
  const ok = async (args: readonly string[], input = ''): Promise<string> => {
    const result = await call(args, input);
    if (result.code !== 0) throw new Error(result.stderr.trim());
    return result.stdout;
  };
  return {
    addUser: async ({ name, password }) =>
      void (await ok(['user', 'add', name, '--password-stdin'], `${password}\n`)),
    addTeam: async (team) => void (await ok(['team', 'add', team])),
    addMember: async (team, user) => void (await ok(['team', 'member', 'add', team, user])),
    grant: async ({ subject, role, repository }) =>
      idOf(await ok(['grant', 'add', subject, role, repository, '--json'])),
    removeGrant: async (id) => void (await ok(['grant', 'rm', id])),
    explain: (user, action, repository) => ok(['explain', user, action, repository]),
    createToken: (name, user, repository, action) =>
      ok(['token', 'create', name, '--user', user, '--repository', repository, '--actions', action]),
  };
}

function overHttp(berth: BerthProcess, who: Person): Administration {
  const send = async (method: string, path: string, body?: object): Promise<string> => {
    const answer = await fetch(`${berth.url}/api/v1${path}`, {
      method,
      headers: { authorization: basic(who), 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  };
  return {
    addUser: async ({ name, password }) => void (await send('POST', '/users', { name, password })),
    addTeam: async (team) => void (await send('POST', '/teams', { name: team })),
    addMember: async (team, user) => void (await send('PUT', `/teams/${team}/members/${user}`)),
    grant: async (request) => idOf(await send('POST', '/grants', request)),
    removeGrant: async (id) => void (await send('DELETE', `/grants/${id}`)),
    explain: (user, action, repository) =>
      send('POST', '/explain', { subject: `user:${user}`, repository, actions: [action] }),
    createToken: (name, user, repository, action) =>
      send('POST', '/tokens', { name, user, scopes: [{ repository, actions: [action] }] }),
  };
}

function idOf(answer: string): string {
  return (JSON.parse(answer) as { id: string }).id;
}
