import fc from 'fast-check';
import { appendConsentRows } from '../../../store/consent-append';
import type { Db } from '../../../store/db';
import { createEventsStore } from '../../../store/events-store';
import { databaseForEach, freshDatabase } from '../../support/database';
import { file, importFile, MAPPING, PEPPER } from '../../support/imports';
import { put, merge, undo, prepare, judgeAll, at } from '../../support/merging';

const base = databaseForEach(4);

test('any merges, undone in turn, leave what would have come without them', async () => {
  const PEOPLE = 4;
  const who = fc.nat(PEOPLE - 1);
  const step = fc.oneof(
    fc.record({ do: fc.constant('merge' as const), a: who, b: who }),
    fc.record({ do: fc.constant('undo' as const) }),
    fc.record({ do: fc.constant('event' as const), a: who, byKey: fc.boolean(), view: fc.boolean() }),
    fc.record({ do: fc.constant('consent' as const), a: who, yes: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const [merging, plain] = await Promise.all([freshDatabase(3), freshDatabase(3)]);
      try {
        const worlds = [merging.db, plain.db];
        for (const db of worlds) {
          await prepare(db);
          for (let n = 1; n <= PEOPLE; n += 1)
            await put(db, {
              customerKey: `k${n}`,
              email: `p${n}@exemple.fr`,
              attributes: { age: 30 + 5 * n },
            });
        }
        const open: number[] = [];
        for (const [i, one] of steps.entries()) {
          if (one.do === 'merge') {
            const id = await merge(merging.db, one.a + 1, one.b + 1).catch(() => null);
            if (id !== null) open.push(id);
          } else if (one.do === 'undo') {
            const id = open.pop();
            if (id !== undefined) await undo(merging.db, id);
          } else
            for (const db of worlds)
              await (one.do === 'event'
                ? createEventsStore(db.app, PEPPER).append([
                    {
                      id: `e${i}`,
                      profile: one.byKey ? { email: `p${one.a + 1}@exemple.fr` } : { id: one.a + 1 },
                      type: one.view ? 'product-view' : 'purchase',
                      at: at(i),
                      ...(one.view ? { properties: { category: 'chairs' } } : {}),
                    },
                  ])
                : appendConsentRows(db.app, [
                    {
                      profileId: one.a + 1,
                      purpose: 'promotion',
                      channel: 'email',
                      action: one.yes ? 'granted' : 'withdrawn',
                      at: at(i),
                      fallbackAt: at(i),
                      expiresAt: null,
                      source: 'form',
                      wordingSha256: null,
                      locale: null,
                      evidence: {},
                      recordedBy: 'test',
                    },
                  ]));
        }
        for (let id = open.pop(); id !== undefined; id = open.pop()) await undo(merging.db, id);
        await Promise.all(worlds.map(judgeAll));
        const facts = async (db: Db) => ({
          people: await db.identity`
            select p.id, p.attributes, p.derived, p.merged_into, i.customer_key, i.email
            from profiles p join identity.people i on i.profile_id = p.id order by 1`,
          keys: await db.app`select kind, hash, profile_id, original_id from profile_keys order by 1, 2`,
          events: await db.app`select id, profile_id, original_id from events order by 1`,
          interests: (
            await db.app<{ id: number; events: number; weight: number }[]>`
              select profile_id as id, events, weight from interests order by 1`
          ).map((row) => ({ ...row, weight: Number(row.weight.toPrecision(9)) })),
          members: await db.app`select segment, profile_id from segment_members order by 1, 2`,
        });
        expect(await facts(merging.db)).toEqual(await facts(plain.db));
        const yeses = (db: Db) =>
          db.app<{ id: number }[]>`select profile_id as id from consent_state where granted order by 1`;
        const allowed = new Set((await yeses(plain.db)).map(({ id }) => id));
        expect((await yeses(merging.db)).filter(({ id }) => !allowed.has(id))).toEqual([]);
      } finally {
        await Promise.all([merging.close(), plain.close()]);
      }
    }),
    { numRuns: 5 },
  );
});

test('the same file between a merge and its undo leaves each profile its own', async () => {
  const { db } = base;
  const rows = file('1,anne@exemple.fr,,Anne,75011,41,,,oui,', '2,bob@exemple.fr,,Bob,69001,35,,,oui,');
  await importFile(db, 'one', MAPPING, rows);
  const people = () => db.identity`
    select customer_key, email, first_name from identity.people order by profile_id`;
  const said = () => db.app`select area, attributes from profiles order by id`;
  const before = [[...(await people())], [...(await said())]];
  const [kept, merged] = (await db.app<{ id: number }[]>`select id from profiles order by id`).map(
    ({ id }) => id,
  );
  const id = await merge(db, kept ?? 0, merged ?? 0);
  // What it says of the second is said of whoever stands for both.
  await importFile(db, 'two', { ...MAPPING, key: 'again' }, rows);
  await undo(db, id);
  expect([[...(await people())], [...(await said())]]).toEqual(before);
});
