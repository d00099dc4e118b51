/** Blobs that are made up: the first half of them is named by manifests, the rest by nothing. */
export interface Population {
  readonly blobs: number;
}

export const keptOf = ({ blobs }: Population): number => blobs / 2;

export const contentOf = (index: number): string => `blob number ${index} ${'.'.repeat(1000)}`;

export const repositoryOf = (index: number): string => `team-${index % 500}/app`;
