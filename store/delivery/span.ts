import type postgres from 'postgres';
import type { Sql, Tx } from '../db';

/** The stretch of profile ids that a batch lies in, both ends in it. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Of nobody: a stretch that nothing lies in. */
export const spanOf = (ids: readonly number[]): Span => ({
  first: ids.reduce((least, id) => Math.min(least, id), ids[0] ?? 0),
  last: ids.reduce((most, id) => Math.max(most, id), ids[0] ?? -1),
});

/**
 * Said beside a join to the people of a batch, of whom it excludes nobody: with it an index may be read as one stretch
 * instead of from its beginning, or once for each of them.
 */
export const within = (sql: Sql | Tx, column: postgres.Fragment, { first, last }: Span): postgres.Fragment =>
  sql`${column} between ${first} and ${last}`;

/** Whether reading the whole stretch takes less than looking each of so many people up. */
export const areNeighbours = ({ first, last }: Span, people: number): boolean => last - first < people * 3;
