import type postgres from 'postgres';
import type { Sql, Tx } from '../db';

/** The version that counts, as a number in SQL: the latest that a second person approved. null before there is one. */
export const matrixInUse = (sql: Sql | Tx): postgres.Fragment =>
  sql`(select max(version) from persona_matrix_versions where state = 'approved')`;
