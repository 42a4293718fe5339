import { createExperimentsActivities } from '../activities/experiments';
import type { OutcomeCell } from '../domain/experiments/outcomes';
import { createExperimentsStore } from '../store/experiments-store';
import type { Bench, PreparedBench } from './bench';
import { benchDatabase, type BenchDatabase } from './database';
import { CAMPAIGN, loadTest, METRIC, WINDOW_SECONDS } from './experiment-world';
import { timed } from './run';

const LOOK = 1;

export const experimentBench: Bench = {
  name: 'experiment',
  workload:
    'evaluate a test of n deliveries in four arms and n/4 people of the control: outcomes, people dealt, guardrails, comparisons, decision',
  against: 'the plain join of ledger and outcomes in one SQL statement',
  defaultN: 5_000_000,
  unit: 'seconds',
  reach: { atMost: 0.5 },
  prepare,
};

async function prepare(n: number, say: (words: string) => void): Promise<PreparedBench> {
  const database = await benchDatabase();
  try {
    say(`  loading ${n} deliveries and what followed them`);
    await loadTest(database, n);
  } catch (error) {
    await database.close();
    throw error;
  }
  const { db, owner } = database;
  const store = createExperimentsStore(db.app);
  const { evaluate } = createExperimentsActivities({ store, revision: 'test' });
  const seen: string[] = [];
  let note = '';
  const remember = (cells: readonly OutcomeCell[]): void => {
    seen.push(cells.map(({ arm, persona, n, events }) => `${arm} ${persona} ${events}/${n}`).join(', '));
    if (new Set(seen).size > 1)
      throw new Error(`ours and the reference counted otherwise: ${seen.join('; ')}`);
    const sum = (of: 'n' | 'events'): number => cells.reduce((total, cell) => total + cell[of], 0);
    note = `${sum('events')} of ${sum('n')} people had the event in time; both sides the same in ${cells.length} cells`;
  };
  return {
    ours: async () => {
      await owner`delete from evaluations`;
      const seconds = await timed(async () => void (await evaluate({ campaignId: CAMPAIGN, look: LOOK })));
      remember((await store.evaluation(CAMPAIGN, LOOK))?.inputs.cells ?? []);
      return seconds;
    },
    reference: async () => {
      let cells: readonly OutcomeCell[] = [];
      const seconds = await timed(async () => {
        cells = await handWritten(database);
      });
      remember(cells);
      return seconds;
    },
    notes: () => [note, 'the reference counts the outcomes alone: nobody dealt, no guardrail'],
    close: () => database.close(),
  };
}

/** As one would write it by hand: everybody allowed, their events in time, each person counted once. */
const handWritten = ({ db }: BenchDatabase): Promise<OutcomeCell[]> =>
  db.app.begin(async (tx) => {
    await tx`select set_config('work_mem', '128MB', true)`;
    return tx<OutcomeCell[]>`
      with allowed as (
        select profile_id, arm, persona, gated_at from deliveries
        where campaign_id = ${CAMPAIGN} and step = 'first' and wave = 'test' and state not in ('planned', 'skipped')
        union all
        select profile_id, arm, persona, gated_at from control_gate
        where campaign_id = ${CAMPAIGN} and step = 'first' and wave = 'test' and allowed
      )
      select a.arm, a.persona, count(distinct a.profile_id) as n, count(distinct e.profile_id) as events
      from allowed a
      left join profiles p on p.id = a.profile_id and p.merged_into is not null
      left join events e on e.profile_id = coalesce(p.merged_into, a.profile_id) and e.type = ${METRIC}
        and e.at >= a.gated_at and e.at < a.gated_at + make_interval(secs => ${WINDOW_SECONDS}::float8)
      group by a.arm, a.persona order by a.arm, a.persona`;
  });
