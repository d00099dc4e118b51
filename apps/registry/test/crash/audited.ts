interface Event {
  readonly action: string;
  readonly target: string;
  readonly before?: { readonly digest: string; readonly tags?: readonly string[] };
  readonly after?: { readonly digest: string };
}

/** Tags of a repository that are not as the audit tells, in words: the event of a change is there with it, or neither is. */
export async function unaudited(origin: string, repository: string): Promise<string[]> {
  const events = await items<Event>(origin, `/audit?repository=${repository}&outcome=done&n=1000`);
  const told = new Map<string, string>();
  for (const event of events.toReversed()) apply(told, event);
  const tags = await items<{ name: string; digest: string }>(origin, `/repositories/${repository}/-/tags`);
  const found = new Map(tags.map(({ name, digest }) => [name, digest]));
  return [...new Set([...told.keys(), ...found.keys()])]
    .filter((tag) => told.get(tag) !== found.get(tag))
    .map((tag) => `${tag} is ${found.get(tag)}, and ${told.get(tag)} in the audit`);
}

function apply(tags: Map<string, string>, { action, target, before, after }: Event): void {
  if (action === 'registry.push' && after !== undefined && target !== after.digest) {
    tags.set(target, after.digest);
  } else if (action === 'registry.delete') {
    for (const tag of before?.tags ?? []) tags.delete(tag);
  }
}

/** None where there is no such repository. */
async function items<Item>(origin: string, path: string): Promise<Item[]> {
  const response = await fetch(`${origin}/api/v1${path}`);
  const body = (await response.json()) as { items?: Item[] };
  if (![200, 404].includes(response.status)) throw new Error(`${path}: ${response.status}`);
  return body.items ?? [];
}
