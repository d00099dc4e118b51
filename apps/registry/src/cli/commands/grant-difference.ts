import { z } from 'zod';
import { shaped } from '../answer.ts';
import { listed, personOf, repositoriesOf } from '../sentences.ts';

const change = z.object({
  subject: z.string(),
  repository: z.string(),
  actions: z.array(z.string()),
  tags: z.string().nullish(),
});

const differenceShape = z.object({ added: z.array(change), removed: z.array(change) });

/** What a dry run answers, in words. */
export function describeDifference(answer: unknown): string {
  const { added, removed } = shaped(differenceShape, answer);
  const changes = [
    ...added.map((rights) => `  ${sentence(rights, 'could')}`),
    ...removed.map((rights) => `  ${sentence(rights, 'could no longer')}`),
  ];
  if (changes.length === 0) return 'It would change nothing: other grants say the same already.';
  return ['Nothing was changed. After it:', ...changes].join('\n');
}

function sentence({ subject, repository, actions, tags }: z.infer<typeof change>, could: string): string {
  const only = tags ? `, tags ${tags} only` : '';
  return `${personOf(subject)} ${could} ${listed(actions)} ${repositoriesOf(repository)}${only}`;
}
