import { describeStorageDriver } from '@berth/storage/testing';

import { s3Driver } from './s3-driver.ts';
import { everythingIn } from './testing/open-uploads.ts';
import { withS3 } from './testing/with-s3.ts';

await withS3(process.env, (server) => {
  describeStorageDriver('s3Driver', async () => {
    const options = await server().newBucket();
    return { driver: s3Driver(options), leftovers: () => everythingIn(options) };
  });
});
