import type { End } from '../../domain/shared/words';

/** Thrown by a stage to end the campaign; caught once, in the workflow. Never leaves it. */
export class Ended extends Error {
  override readonly name = 'Ended';

  constructor(
    readonly end: End,
    readonly reason: string,
  ) {
    super(reason);
  }
}
