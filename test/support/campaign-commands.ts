import * as fc from 'fast-check';

const who = fc.nat({ max: 30 });
export interface Kill {
  readonly at: number;
  readonly afterIt: boolean;
}
const kill: fc.Arbitrary<Kill | null> = fc.option(
  fc.record({ at: fc.integer({ min: 1, max: 14 }), afterIt: fc.boolean() }),
);
const person = fc.constantFrom('withdraw', 'stop', 'expire', 'object', 'rest', 'click', 'ask', 'report');
const campaign = fc.constantFrom('pause', 'resume', 'resume', 'resume', 'abort');

/** Something that happens to somebody or to the campaign; between two sends, or as the n-th message is handed over. */
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: person, who }) },
  { weight: 1, arbitrary: fc.record({ does: campaign, who: fc.constant(0) }) },
);
export type ModelEvent = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** A step's shards side by side, beside the lane of service messages; the first of them dies at a statement. */
const sending = (wave: fc.Arbitrary<number>) =>
  fc.record({
    run: fc.constant<'send'>('send'),
    wave,
    kill,
    killLane: kill,
    midway: fc.array(fc.record({ after: fc.integer({ min: 1, max: 4 }), event }), {
      minLength: 1,
      maxLength: 3,
      size: 'max',
    }),
  });

const command = fc.oneof(
  { weight: 4, arbitrary: sending(fc.nat({ max: 3 })) },
  { weight: 4, arbitrary: fc.record({ run: fc.constant<'event'>('event'), event }) },
  {
    weight: 1,
    arbitrary: fc.record({ run: fc.constantFrom<'mend' | 'join' | 'time'>('mend', 'join', 'time') }),
  },
);
export type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** Both halves of the first step come early, while there is somebody to send to. */
export const commands: fc.Arbitrary<readonly Command[]> = fc
  .tuple(
    sending(fc.constant(0)),
    fc.array(command, { maxLength: 2 }),
    sending(fc.constant(1)),
    fc.array(command, { minLength: 2, maxLength: 8 }),
  )
  .map(([first, some, second, others]) => [first, ...some, second, ...others]);
