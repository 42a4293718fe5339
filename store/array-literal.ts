/**
 * Numbers as PostgreSQL reads an array. The driver quotes and escapes an array element by element, which for thousands of
 * ids takes as long as the query.
 */
export const arrayLiteral = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => value ?? 'null').join(',')}}`;
