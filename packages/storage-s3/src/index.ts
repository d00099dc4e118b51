export type { CopyOptions, S3Credentials, S3DriverOptions } from './options.ts';
export { checkBucket, s3Driver } from './s3-driver.ts';
