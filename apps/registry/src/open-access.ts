import { allowed, OciError, type Access, type AccessControl } from '@berth/protocol';

/** `auth: none`: everyone may do everything, and nobody is asked who he is. */
export const openAccess: AccessControl = { authenticate: async () => everything };

const everything: Access = {
  account: null,
  may: () => allowed,
  mayList: () => true,
  tag: () => ({ put: allowed, overwrite: allowed, delete: allowed }),
  deleteUntagged: () => allowed,
  deleteAll: () => allowed,
  readable: () => ({ allow: [{ kind: 'all' }], deny: [], visibilities: [] }),
  challenge: () => new OciError('DENIED'),
};
