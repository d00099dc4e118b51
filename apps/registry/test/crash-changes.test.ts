import { freshContent } from './crash/client.ts';
import { describeKills } from './crash/each-step.ts';

describeKills({
  async 'a tag that is moved and deleted'(client, repository) {
    const config = await client.pushWhole(repository, freshContent());
    for (let round = 0; round < 2; round += 1) await client.putManifest(repository, 'latest', [config]);
    await client.deleteTag(repository, 'latest');
  },
  async 'a manifest that is deleted, and the collection of its blobs'(client, repository) {
    const blobs = [await client.pushWhole(repository, freshContent()), freshContent()] as const;
    await client.pushWhole(repository, blobs[1]);
    const manifest = await client.putManifest(repository, 'v1', [...blobs]);
    await client.putManifest(repository, 'v2', [blobs[0]]);
    await client.deleteTag(repository, 'v1');
    await client.deleteManifest(repository, manifest, [blobs[1]]);
    await client.collect();
  },
});
