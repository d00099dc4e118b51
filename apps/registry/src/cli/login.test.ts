import { expect, test } from 'vitest';
import { parseServer } from './login.ts';

test.each([
  ['http://localhost:5000', 'http://localhost:5000'],
  ['https://berth.example/', 'https://berth.example'],
  ['HTTPS://Berth.Example', 'https://berth.example'],
  ['http://localhost:5000/v2/', 'http://localhost:5000'],
  ['http://localhost:5000/api/v1', 'http://localhost:5000'],
  ['https://example.com/berth/', 'https://example.com/berth'],
  ['https://example.com/berth/v2', 'https://example.com/berth'],
])('--server %s is %s', (text, server) => {
  expect(parseServer(text)).toBe(server);
});
