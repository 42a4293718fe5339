/** A test's own part of the people of a group: tests that name the same group and other parts never share a person. */
export interface Exclusion {
  readonly group: string;
  /** Of [0, 1): somebody is in it whose hash under the group lies in [from, to). */
  readonly from: number;
  readonly to: number;
}

/** Of the group alone: where somebody lies in it never changes, whichever tests come and go. */
export const exclusionSalt = (group: string): string => `exclusion.${group}`;

export const exclusionWords = ({ group, from, to }: Exclusion): string =>
  `only in ${from} to ${to} of the group ${group}`;

/** Behind the share of a test: of whom it is. */
export const ofPart = (exclusion: Exclusion | undefined): string =>
  exclusion === undefined ? '' : `, ${exclusionWords(exclusion)}`;

export const overlap = (a: Exclusion, b: Exclusion): boolean =>
  a.group === b.group && a.from < b.to && b.from < a.to;
