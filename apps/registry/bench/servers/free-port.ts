export { freePort } from '@berth/storage-s3/testing';
