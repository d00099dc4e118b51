/** What the client is to push, sent to its process as a message. */
export interface PushJob {
  readonly url: string;
  /** Of every request: `authorization`, where the registry wants it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Image number i goes to the repository number i modulo their number. */
  readonly repositories: readonly string[];
  /** Bytes of the one layer of each image. */
  readonly layerSize: number;
  readonly concurrency: number;
  readonly until: Until;
}

/** Images that are begun when the time is up are finished, and counted with the time that they took. */
export type Until = { readonly images: number } | { readonly seconds: number };

export interface PushedImage {
  readonly repository: string;
  readonly tag: string;
  readonly manifest: string;
  readonly layer: string;
}

export interface PushResult {
  readonly images: number;
  readonly seconds: number;
  /** The one that was finished last. */
  readonly last: PushedImage;
}

export type Answer = { readonly result: PushResult } | { readonly error: string };
