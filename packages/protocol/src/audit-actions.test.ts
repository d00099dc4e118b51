import { expect, test } from 'vitest';
import { auditActions, auditActionsByNoun, auditActionsOf, auditWords } from './audit-actions.ts';

const all = Object.keys(auditActions);

test('an action is a noun and a verb, or one word', () => {
  for (const name of all) expect(name).toMatch(/^[a-z]+(\.[a-z]+(-[a-z]+)*)?$/);
});

test('a noun stands for its actions, an action for itself, and nothing else for anything', () => {
  expect(auditActionsOf('grant')).toEqual(['grant.create', 'grant.read', 'grant.update', 'grant.delete']);
  expect(auditActionsOf('grant.create')).toEqual(['grant.create']);
  expect(auditActionsOf('login')).toEqual(['login']);
  for (const word of ['', 'gran', 'grant.', 'grant.creat', '*', 'constructor']) {
    expect(auditActionsOf(word)).toEqual([]);
  }
});

test('every word stands for something, and the nouns together for everything', () => {
  for (const word of auditWords) expect(auditActionsOf(word)).not.toEqual([]);
  expect(new Set(auditWords).size).toBe(auditWords.length);
  expect(auditActionsByNoun().flatMap(([, actions]) => actions)).toEqual(all);
});
