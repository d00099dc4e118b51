/** Interoperability rules that no answer of this server can show, and why. */
export const elsewhere: Readonly<Record<number, string>> = {
  37: 'x5c and certificates are for registries of others: the keys export',
  49: 'blobs are never answered by a redirect',
  54: 'what a client does with an answer',
};
