/**
 * Every error code that Berth answers with, its status and its message. Codes and messages of the first group are
 * those of the OCI distribution specification 1.1 ("Error Codes") and of Docker's registry API; the second group is
 * for the administration API, in the same shape.
 */
const table = {
  BLOB_UNKNOWN: { status: 404, message: 'blob unknown to registry' },
  BLOB_UPLOAD_INVALID: { status: 400, message: 'blob upload invalid' },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: 'blob upload unknown to registry' },
  DENIED: { status: 403, message: 'requested access to the resource is denied' },
  DIGEST_INVALID: { status: 400, message: 'provided digest did not match uploaded content' },
  MANIFEST_BLOB_UNKNOWN: {
    status: 400,
    message: 'manifest references a blob or manifest unknown to the repository',
  },
  MANIFEST_INVALID: { status: 400, message: 'manifest invalid' },
  MANIFEST_UNKNOWN: { status: 404, message: 'manifest unknown' },
  NAME_INVALID: { status: 400, message: 'invalid repository name' },
  NAME_UNKNOWN: { status: 404, message: 'repository name not known to registry' },
  PAGINATION_NUMBER_INVALID: { status: 400, message: 'invalid number of results requested' },
  RANGE_INVALID: { status: 416, message: 'invalid content range' },
  SIZE_INVALID: { status: 400, message: 'provided length did not match content length' },
  TAG_INVALID: { status: 400, message: 'invalid tag' },
  TOOMANYREQUESTS: { status: 429, message: 'too many requests' },
  UNAUTHORIZED: { status: 401, message: 'authentication required' },
  UNAVAILABLE: { status: 503, message: 'service unavailable' },
  UNKNOWN: { status: 500, message: 'unknown error' },
  UNSUPPORTED: { status: 405, message: 'the operation is unsupported' },

  BAD_REQUEST: { status: 400, message: 'bad request' },
  CONFLICT: { status: 409, message: 'conflict' },
  NOT_FOUND: { status: 404, message: 'not found' },
  PAYLOAD_TOO_LARGE: { status: 413, message: 'request body too large' },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof table;

export interface OciErrorOptions extends ErrorOptions {
  /** Replaces the message of the table. It reaches the client: no path, no stack, nothing hidden from him. */
  readonly message?: string;
  /** Anything JSON that helps the client; it is sent as `detail`. */
  readonly detail?: unknown;
  /** Replaces the status of the table, where the specification asks for another one in a certain place. */
  readonly status?: number;
  /** Sent with the answer, such as `WWW-Authenticate`, `Allow` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error. Whoever throws it has chosen what the client may know. */
export class OciError extends Error {
  override readonly name = 'OciError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: OciErrorOptions = {}) {
    super(options.message ?? table[code].message, options);
    this.code = code;
    this.status = options.status ?? table[code].status;
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }

  /** The body of the answer: OCI distribution specification 1.1, "Error Codes". */
  toJSON(): { errors: readonly [{ code: ErrorCode; message: string; detail?: unknown }] } {
    const detail = this.detail === undefined ? {} : { detail: this.detail };
    return { errors: [{ code: this.code, message: this.message, ...detail }] };
  }
}
