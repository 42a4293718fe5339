import postgres from 'postgres';

/**
 * What is stored, or is to be, cannot be computed with: the same comes of it again and again. Not a lost connection or a lost
 * race (a key somebody else took meanwhile is one), which pass.
 */
export const isOfData = (fault: unknown): boolean =>
  fault instanceof postgres.PostgresError
    ? /^(22|23502|23514|54)/.test(fault.code)
    : fault instanceof RangeError || fault instanceof TypeError;
