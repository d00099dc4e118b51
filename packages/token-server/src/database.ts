import type { Database } from '@berth/database';
import type { Kysely, Transaction } from 'kysely';
import type { TokenServerTables } from './schema/tables.ts';

export type TokenDatabase = Database<TokenServerTables>;

/** What a query runs on: the reader, or a transaction. */
export type Queries = Kysely<TokenServerTables>;

export type TokenTransaction = Transaction<TokenServerTables>;
