import type { ObjectCannedACL, StorageClass } from '@aws-sdk/client-s3';
import { StorageError } from '@berth/storage';

const MIB = 1024 * 1024;

/** Of S3: every part but the last has 5 MiB at least, and any part 5 GiB at most. */
export const LEAST_PART = 5 * MIB;
export const LARGEST_PART = 5 * 1024 * MIB;

/** S3 ends a key at 1,024 bytes; paths have up to 768, and `!tail` comes behind. */
const LONGEST_ROOT = 240;

/** Where the bucket is and what is done with it. The names in the configuration are those of `registry:2`. */
export interface S3DriverOptions {
  readonly bucket: string;
  /** Needed by Amazon only. Without it, that of the environment, else `us-east-1`. */
  readonly region?: string;
  /** Address of a server that is not Amazon's, with or without its scheme. */
  readonly endpoint?: string;
  /** The address under which clients reach the server, where it is not `endpoint`: for signed URLs. */
  readonly redirectEndpoint?: string;
  /** Without them, those of the environment: variables, profile, role of the machine. */
  readonly credentials?: S3Credentials;
  /** The bucket is in the path and not in the host name; by default where there is an `endpoint`. */
  readonly forcePathStyle?: boolean;
  /** TLS, where `endpoint` names no scheme. */
  readonly secure?: boolean;
  /** Any certificate will do. */
  readonly skipVerify?: boolean;
  readonly useDualStack?: boolean;
  readonly accelerate?: boolean;
  readonly useFipsEndpoint?: boolean;
  /** Folder in the bucket, below which all keys are. */
  readonly rootDirectory?: string;
  /** Bytes of a part of an upload. So much is in memory twice, for each upload that is being received. */
  readonly chunkSize?: number;
  readonly copy?: Partial<CopyOptions>;
  readonly encryption?: { readonly keyId?: string };
  readonly storageClass?: StorageClass;
  readonly objectAcl?: ObjectCannedACL;
  /** Added to the `User-Agent`. */
  readonly userAgent?: string;
  /** How often a request is sent at most. */
  readonly attempts?: number;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly idleTimeout?: number;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** How `move` copies what is larger than `threshold` bytes: in chunks of so many bytes, so many at once. */
export interface CopyOptions {
  readonly threshold: number;
  readonly chunkSize: number;
  readonly concurrency: number;
}

export const DEFAULT_CHUNK_SIZE = 10 * MIB;
export const DEFAULT_COPY: CopyOptions = { threshold: 32 * MIB, chunkSize: 32 * MIB, concurrency: 100 };
export const DEFAULT_ATTEMPTS = 5;
export const DEFAULT_IDLE_TIMEOUT = 60_000;

/** Throws where the options cannot work with any server. */
export function checkOptions({ bucket, rootDirectory = '', chunkSize, copy }: S3DriverOptions): void {
  if (bucket === '') refuse('the name of the bucket is missing');
  if (rootDirectory.length > LONGEST_ROOT) refuse(`its folder has more than ${LONGEST_ROOT} characters`);
  for (const size of [chunkSize, copy?.chunkSize]) {
    if (size !== undefined && (size < LEAST_PART || size > LARGEST_PART)) {
      refuse(`a part has from ${LEAST_PART} to ${LARGEST_PART} bytes, not ${size}`);
    }
  }
}

function refuse(why: string): never {
  throw new StorageError('IO_ERROR', `the storage in S3 cannot be used: ${why}`);
}
