import { freshContent } from './crash/client.ts';
import { describeKills } from './crash/each-step.ts';

describeKills({
  async 'a push in three requests'(client, repository) {
    const config = await client.pushBlob(repository, freshContent());
    await client.putManifest(repository, 'v1', [config]);
  },
  async 'a push in one request, of a blob that another repository has, and a mount'(client, repository) {
    const config = await client.pushWhole(repository, freshContent());
    await client.pushBlob(`${repository}/copy`, config);
    await client.mount(repository, `${repository}/mounted`, config);
    await client.putManifest(`${repository}/copy`, 'v1', [config]);
  },
  async 'sessions that stay open and that are cancelled'(client, repository) {
    await client.pushHalf(repository, freshContent());
    await client.cancel(repository, freshContent());
  },
});
