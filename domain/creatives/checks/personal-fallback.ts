import type { Check } from '../check';

/** A personal variable must read well for somebody it is not known of. */
export const personalFallback: Check = ({ variableUses }) =>
  [...new Set(variableUses.filter((use) => !use.hasFallback).map((use) => use.name))].map((name) => ({
    severity: 'blocking',
    message: `person.${name} has no fallback: write {{ person.${name} | default: "…" }}`,
    path: `person.${name}`,
  }));
