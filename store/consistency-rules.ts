import type { ConsistencyRule } from '../domain/profiles/consistency';
import { recordRules } from '../domain/profiles/doubt';
import type { Believing } from '../domain/profiles/merge';
import { createPoliciesStore } from './policies-store';
import type { Sql, Tx } from './db';

export const consistencyRules = async (sql: Sql | Tx): Promise<ConsistencyRule[]> =>
  Object.values(await createPoliciesStore(sql).list('consistency'));

/** What a record written now is believed by. */
export const believingNow = async (sql: Sql | Tx): Promise<Believing> => ({
  rules: recordRules(await consistencyRules(sql)),
  today: new Date().toISOString().slice(0, 10),
});
