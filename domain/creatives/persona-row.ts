/** One row of the persona matrix, as far as a creative reads it. */
export interface PersonaRow {
  readonly segmentId: string;
  readonly keyMessage: string;
  readonly visualGuideline: string;
  readonly offerCode: string;
}
