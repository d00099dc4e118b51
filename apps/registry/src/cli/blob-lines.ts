/** A blob with which something is wrong. */
export interface BadBlob {
  readonly digest: string;
  readonly reason: string;
  readonly repositories: readonly string[];
}

/** One line for each blob: `<title>: <digest>: <reason> (<repositories>)`. */
export function blobLines(title: string, blobs: readonly BadBlob[]): string[] {
  return blobs.map(
    ({ digest, reason, repositories }) =>
      `${title}: ${digest}: ${reason} (${repositories.join(', ') || 'in no repository'})`,
  );
}
