import { lines, list, no, ok, testCommands } from '../testing/commands.ts';

const alice = {
  name: 'alice',
  admin: false,
  disabled: false,
  email: 'alice@example.org',
  createdAt: '2026-11-23T02:21:09.000Z',
};

const admin = { name: 'admin', admin: true, disabled: true, createdAt: '2026-11-01T00:00:00.000Z' };

testCommands([
  {
    args: 'user add alice --password-stdin',
    given: { stdin: 'correct horse\n' },
    asks: [['POST /users', { name: 'alice', password: 'correct horse' }]],
    answers: [ok(alice, 201)],
    prints: 'User alice is there and owns alice/**.\n',
  },
  {
    args: 'user add alice --no-password --email a@example.org --admin',
    asks: [['POST /users', { name: 'alice', email: 'a@example.org', admin: true }]],
    answers: [ok(alice, 201)],
    prints: 'User alice is there and owns alice/**.\n',
  },
  {
    args: 'user add alice',
    given: { typed: ['pasx\u007fs wörd\r', 'pass wörd\n'] },
    asks: [['POST /users', { name: 'alice', password: 'pass wörd' }]],
    answers: [ok(alice, 201)],
    prints: 'User alice is there and owns alice/**.\n',
    complains: 'New password for alice: \nThe same again: \n',
  },
  {
    args: 'user add alice',
    given: { typed: ['one\r', 'two\r', 'three\r', 'four\r', 'five\r', 'six\r'] },
    complains: 'berth: the two passwords were never the same; nothing was changed\n',
    code: 2,
  },
  {
    args: 'user add alice',
    complains:
      'berth: there is no terminal to ask for a password: use --password-stdin to read it from standard input, or --no-password to do without one\n',
    code: 2,
  },
  {
    args: 'user add alice --password-stdin',
    complains: 'berth: standard input holds no password\n',
    code: 2,
  },
  {
    args: 'user add alice --password-stdin --no-password',
    complains: 'berth: --password-stdin and --no-password exclude each other\n',
    code: 2,
  },
  {
    args: 'user add Alice --no-password',
    asks: [['POST /users', { name: 'Alice' }]],
    answers: [no(400, 'BAD_REQUEST', 'name: must be lower-case letters and digits')],
    complains: 'berth: name: must be lower-case letters and digits\n',
    code: 1,
  },
  {
    args: 'user add team --no-password --handover',
    asks: [['POST /users', { name: 'team', handover: true }]],
    answers: [ok(alice, 201)],
  },
  {
    args: 'user list',
    asks: [['GET /users?n=1000']],
    answers: [list(admin, alice)],
    prints: lines(
      'NAME    KIND    STATE      EMAIL',
      'admin   admin   disabled',
      'alice   user    active     alice@example.org',
    ),
  },
  {
    args: 'user list',
    asks: [['GET /users?n=1000'], ['GET /users?n=1000&last=alice']],
    answers: [ok({ items: [{ name: 'alice' }], next: 'alice' }), list({ name: 'bob' })],
    prints: lines('NAME', 'alice', 'bob'),
  },
  {
    args: 'user list --json',
    asks: [['GET /users?n=1000']],
    answers: [list({ name: 'alice' })],
    prints: '{\n  "items": [\n    {\n      "name": "alice"\n    }\n  ]\n}\n',
  },
  {
    args: 'user show alice',
    asks: [['GET /users/alice']],
    answers: [ok(alice)],
    prints: lines(
      'name    alice',
      'kind    user',
      'state   active',
      'email   alice@example.org',
      'made    2026-11-23 02:21 UTC',
    ),
  },
  {
    args: 'user show nobody',
    asks: [['GET /users/nobody']],
    answers: [no(404, 'NOT_FOUND', 'there is no such user')],
    complains: 'berth: there is no such user\n',
    code: 1,
  },
  {
    args: 'user disable bob',
    asks: [['PATCH /users/bob', { disabled: true }]],
    answers: [ok(alice)],
    prints: 'User bob is disabled.\n',
  },
  {
    args: 'user enable bob',
    asks: [['PATCH /users/bob', { disabled: false }]],
    answers: [ok(alice)],
    prints: 'User bob is enabled.\n',
  },
  { args: 'user rm bob', asks: [['DELETE /users/bob']], answers: [ok()], prints: 'User bob is removed.\n' },
  {
    args: 'user rm bob --robots delete',
    asks: [['DELETE /users/bob?robots=delete']],
    answers: [ok()],
    prints: 'User bob is removed.\n',
  },
  {
    args: 'user rm bob',
    asks: [['DELETE /users/bob']],
    answers: [no(409, 'CONFLICT', 'robots under bob/ would go on')],
    complains: 'berth: robots under bob/ would go on\n',
    code: 1,
  },
  { args: 'user rm bob --json', asks: [['DELETE /users/bob']], answers: [ok()], prints: '{}\n' },
  { args: 'user rm ..', complains: 'berth: ".." is no name\n', code: 2 },
  { args: 'user rm a/../b', asks: [['DELETE /users/a%2F..%2Fb']], answers: [ok()] },
  {
    args: 'user password alice --password-stdin',
    given: { stdin: 'correct horse' },
    asks: [['PATCH /users/alice', { password: 'correct horse' }]],
    answers: [ok(alice)],
    prints: 'The password of alice is changed.\n',
  },
  {
    args: 'user password alice',
    complains:
      'berth: there is no terminal to ask for a password: use --password-stdin to read it from standard input\n',
    code: 2,
  },
  {
    args: 'user password --password-stdin',
    given: { stdin: 'new one' },
    asks: [['PUT /me/password', { current: 'pa:ss', new: 'new one' }]],
    answers: [ok()],
    prints: 'The password of your account is changed.\n',
  },
  {
    args: 'user promote bob',
    asks: [['PATCH /users/bob', { admin: true }]],
    answers: [ok(alice)],
    prints: 'User bob is an administrator.\n',
  },
  {
    args: 'user demote bob',
    asks: [['PATCH /users/bob', { admin: false }]],
    answers: [ok(alice)],
    prints: 'User bob is no administrator any more.\n',
  },
  {
    args: 'user email alice alice@example.org',
    asks: [['PATCH /users/alice', { email: 'alice@example.org' }]],
    answers: [ok(alice)],
    prints: 'Mail reaches alice at alice@example.org.\n',
  },
  {
    args: 'user email alice --none',
    asks: [['PATCH /users/alice', { email: null }]],
    answers: [ok(alice)],
    prints: 'User alice has no address.\n',
  },
  ...['user email alice', 'user email alice a@example.org --none'].map((args) => ({
    args,
    complains: 'berth: give either an address or --none\n',
    code: 2,
  })),
]);
