import { auditedRoute, isTagPattern, type AuditedRoute } from '@berth/protocol';
import { z } from 'zod';
import { oneMore } from '../http/pages.ts';
import { listRepositories } from '../metadata/repositories.ts';
import { contentsOf } from '../metadata/sizes.ts';
import { changeAndRecord } from './change-repository.ts';
import { deleteAndRecord, type DeleteOptions } from './delete-repository.ts';
import { list, listOf, page } from './lists.ts';
import { repositoryBody } from './repository-body.ts';
import { requireDeletion } from '../deletion-switch.ts';
import { requireWritable } from '../read-only.ts';
import { repositoryContents } from './repository-contents.ts';
import { requireMayDelete, requireMayOpen, visible } from './visible.ts';

export interface RepositoryRoutesOptions extends DeleteOptions {
  /** `storage.delete.enabled` of the configuration. */
  readonly deleteEnabled: boolean;
  /** `storage.maintenance.readonly.enabled` of the configuration. */
  readonly readOnly: boolean;
}

const change = z.strictObject({
  visibility: z.enum(['private', 'internal', 'public']).optional(),
  immutableTags: z
    .array(
      z
        .string()
        .max(128)
        .refine(isTagPattern, 'is not a tag pattern: a tag, in which * stands for any characters'),
    )
    .max(100)
    .optional(),
  description: z.string().max(1000).optional(),
});

const repositoryAnswer = z.object({
  name: z.string(),
  visibility: z.enum(['private', 'internal', 'public']),
  immutableTags: z.array(z.string()),
  description: z.string(),
});

const withContents = repositoryAnswer.extend({
  tags: z.number().int().describe('how many'),
  manifests: z.number().int().describe('how many'),
  blobs: z.number().int().describe('how many'),
  size: z.number().int().describe('of its blobs, each once, in bytes'),
});

/** Repositories in the administration API. One that the actor may not pull is not found, as if it did not exist. */
export function repositoryRoutes(options: RepositoryRoutesOptions): AuditedRoute[] {
  const { database } = options.context;
  const shown = { database, audit: options.audit };
  return [
    auditedRoute({
      action: 'repository.read',
      method: 'GET',
      path: '/repositories',
      summary: 'Repositories that you may pull',
      query: page,
      response: listOf(repositoryAnswer),
      async handle({ actor, query }) {
        const asked = { count: query.n, last: query.last };
        const found = await listRepositories(database.reader, actor.access.readable(), oneMore(asked));
        return { body: list(found, query.n, repositoryBody, ({ name }) => name) };
      },
    }),
    auditedRoute({
      action: 'repository.read',
      method: 'GET',
      path: '/repositories/*repository',
      summary: 'One repository, and how much it holds',
      response: withContents,
      async handle({ actor, params }) {
        const repository = await visible(database, actor, params['repository'], 'pull');
        const contents = await contentsOf(database.reader, repository.id);
        return { body: { ...repositoryBody(repository), ...contents } };
      },
    }),
    auditedRoute({
      action: 'repository.change',
      method: 'PATCH',
      path: '/repositories/*repository',
      summary: 'Change visibility, immutable tags or description',
      body: change,
      response: repositoryAnswer,
      async handle({ actor, params, body }) {
        const repository = await visible(database, actor, params['repository'], 'admin');
        requireMayOpen(actor, repository, body.visibility);
        return { body: repositoryBody(await changeAndRecord(shown, repository, actor, body)) };
      },
    }),
    auditedRoute({
      action: 'repository.delete',
      method: 'DELETE',
      path: '/repositories/*repository',
      summary: 'Delete a repository with all that it holds; a tag that is immutable keeps it',
      async handle({ actor, params }) {
        const repository = await visible(database, actor, params['repository'], 'admin');
        requireMayDelete(actor, repository);
        requireDeletion(options.deleteEnabled);
        requireWritable(options.readOnly);
        await deleteAndRecord(options, repository, actor);
        return {};
      },
    }),
    ...repositoryContents(database),
  ];
}
