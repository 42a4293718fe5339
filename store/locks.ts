/**
 * Numbers of the advisory locks, which no other program on the same database uses, each of one thing: two that shared one
 * would wait for each other.
 */
export const LOCKS = {
  migration: 7_216_001,
  /** Who is who, one batch at a time: two at once could both create the same person. */
  merging: 7_216_002,
  matrix: 7_216_003,
  knowledge: 7_216_004,
  /** One builder a segment; the second number is the segment's. */
  segmentBuild: 7_216_010,
  /** Held shared by whoever judges, alone by whoever changes what is live: nobody is judged by a rule that is over. */
  rules: 7_216_011,
  /** One count at a time: it goes through everybody. */
  dataQuality: 7_216_012,
  /** One campaign at a time takes a part of an exclusion group; the second number is the group's. */
  exclusionGroup: 7_216_013,
  /** A scenario's campaigns are counted one at a time; the second number is the scenario's. */
  period: 7_216_014,
} as const;
