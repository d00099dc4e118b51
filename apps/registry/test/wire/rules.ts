/** Rules of `docs/interoperability.md` that no row of the tables can show, and why. */
export const elsewhere: Readonly<Record<number, string>> = {
  37: 'certificates are for registries of others: endpoint.test.ts',
  49: 'a redirect needs a bucket: storage-s3.test.ts',
  54: 'what a client does with an answer',
};
