export { everythingIn } from './open-uploads.ts';
export { freePort, serverAt, startS3Server, type S3Server } from './s3-server.ts';
