import { doPeopleDuties, type PeopleDutiesDeps } from '../../../worker/people-duties';

test('each duty in its turn; one that fails is said without what it said, and holds up no other', async () => {
  const did: string[] = [];
  const warned: object[] = [];
  const deps: PeopleDutiesDeps = {
    refreshes: {
      inTurn: async (name, minutes, work) => {
        did.push(`${name} ${minutes}`);
        return name === 'data-quality' ? false : work();
      },
    },
    sources: { markLate: async () => 0, untold: async () => [], told: async () => {} },
    messenger: { postNote: async () => null },
    quality: {
      count: async () => {
        throw new Error('somebody else is at it');
      },
    },
    bringStragglers: async () => {
      throw new RangeError('anne@exemple.fr');
    },
    sweepShared: async () => did.push('swept'),
    log: { warn: (fields) => warned.push(fields) },
  };
  await doPeopleDuties(deps, new Date('2026-06-01'));
  expect(did).toEqual([
    'late-feeds 1',
    'merge-stragglers 1',
    'shared-values 60',
    'swept',
    'data-quality 1430',
  ]);
  expect(warned).toEqual([{ duty: 'merge-stragglers', err: 'RangeError' }]);
});
