import type {
  $Command,
  S3Client,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3';

import { nativeError, storageError } from './errors.ts';
import type { Keys } from './keys.ts';
import type { S3DriverOptions } from './options.ts';

/** What goes with everything that is written: encryption, class and rights. */
export interface ObjectSettings {
  readonly ServerSideEncryption?: 'AES256' | 'aws:kms';
  readonly SSEKMSKeyId?: string;
  readonly StorageClass?: NonNullable<S3DriverOptions['storageClass']>;
  readonly ACL?: NonNullable<S3DriverOptions['objectAcl']>;
}

export type ConditionalAction = 'PutObject' | 'CompleteMultipartUpload';

/** One bucket. Every request goes through {@link send}, which makes errors of the SDK ours. */
export class Bucket {
  readonly client: S3Client;
  readonly name: string;
  readonly keys: Keys;
  readonly settings: ObjectSettings;
  /** Actions that the server does not know with `If-None-Match` or `If-Match`, as it has said. */
  readonly #unconditional = new Set<ConditionalAction>();

  constructor(client: S3Client, keys: Keys, options: S3DriverOptions) {
    this.client = client;
    this.name = options.bucket;
    this.keys = keys;
    this.settings = settingsOf(options);
  }

  /** Rejects with `StorageError`, and with the SDK's `AbortError` where the signal ended the request. */
  async send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: $Command<I, O, S3ClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>,
    signal?: AbortSignal,
  ): Promise<O> {
    try {
      return await this.client.send(command, signal ? { abortSignal: signal } : {});
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      throw storageError(error, { action: actionOf(command), bucket: this.name, key: keyOf(command.input) });
    }
  }

  /**
   * Runs `write` under `condition`, and without one where the server has none for that action (501): Backblaze B2 has none
   * at all, Swift has one to complete an upload.
   */
  async conditionally<C extends object, T>(
    action: ConditionalAction,
    condition: C,
    write: (condition: C | object) => Promise<T>,
  ): Promise<T> {
    if (this.#unconditional.has(action)) return write({});
    try {
      return await write(condition);
    } catch (error) {
      if (nativeError(error).status !== 501) throw error;
      this.#unconditional.add(action);
      return write({});
    }
  }
}

function settingsOf({ encryption, storageClass, objectAcl }: S3DriverOptions): ObjectSettings {
  const keyId = encryption?.keyId;
  return {
    ...(encryption && { ServerSideEncryption: keyId ? 'aws:kms' : 'AES256' }),
    ...(keyId && { SSEKMSKeyId: keyId }),
    ...(storageClass && { StorageClass: storageClass }),
    ...(objectAcl && { ACL: objectAcl }),
  };
}

function actionOf(command: object): string {
  return command.constructor.name.replace(/Command$/, '');
}

function keyOf(input: object): string | undefined {
  const { Key, Prefix } = input as { Key?: string; Prefix?: string };
  return Key ?? Prefix;
}
