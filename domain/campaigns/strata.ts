/** What a test may be stratified by that is no attribute: the persona somebody is frozen with. */
export const PERSONA_STRATUM = 'persona';

/** Of what a test is stratified by, the attributes, which the targeting policy has a word about. */
export const stratumAttributes = (stratifyBy: readonly string[] = []): string[] =>
  stratifyBy.filter((name) => name !== PERSONA_STRATUM);
