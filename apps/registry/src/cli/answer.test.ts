import { no, ok, testCommands } from './testing/commands.ts';

testCommands([
  {
    args: 'team list',
    asks: [['GET /teams?n=1000']],
    answers: [no(401, 'UNAUTHORIZED', 'incorrect username or password')],
    complains: 'berth: incorrect username or password\n',
    code: 1,
  },
  {
    args: 'team list',
    asks: [['GET /teams?n=1000']],
    answers: [{ status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
    complains: 'berth: SERVER is no Berth: it answered 200 with text/html\n',
    code: 1,
  },
  {
    args: 'team list',
    asks: [['GET /teams?n=1000']],
    answers: [{ status: 404, body: '404 page not found', headers: { 'content-type': 'text/plain' } }],
    complains: 'berth: SERVER is no Berth: it answered 404 with text/plain\n',
    code: 1,
  },
  {
    args: 'team list',
    asks: [['GET /teams?n=1000']],
    answers: [ok({ teams: [] })],
    complains:
      'berth: the server answered in another shape than expected (items): is it another version of Berth?\n',
    code: 1,
  },
  {
    args: 'team add core',
    asks: [['POST /teams', { name: 'core' }]],
    answers: [{ status: 308, headers: { location: 'https://berth.example/' } }],
    complains: 'berth: SERVER sends on to https://berth.example/: use that as --server\n',
    code: 1,
  },
]);
