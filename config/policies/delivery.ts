import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { channelPolicySchema } from '../../domain/delivery/channel-policy';
import { holdoutSchema } from '../../domain/delivery/holdout';
import { rateLimitSchema } from '../../domain/delivery/rate-limit';
import { unitCostSchema } from '../../domain/delivery/unit-cost';
import { eventTypeSchema } from '../../domain/events/event-type';
import { capRuleSchema } from '../../domain/frequency/cap';
import { quietHoursSchema } from '../../domain/frequency/quiet-hours';
import { consistencyRuleSchema } from '../../domain/profiles/consistency';
import { interestPolicySchema } from '../../domain/segments/interest';
import { lifecycleStateSchema } from '../../domain/segments/lifecycle';
import { valuePolicySchema } from '../../domain/segments/value';
import { fromRoot } from '../paths';

const read = <T>(file: string, schema: z.ZodType<T>): Record<string, T> =>
  z.record(z.string(), schema).parse(JSON.parse(readFileSync(fromRoot('config', 'policies', file), 'utf8')));

/** The reviewed policies that seed an empty database; afterwards the table is the truth. */
export const defaultPolicies = () => ({
  cap: read('caps.json', capRuleSchema),
  'quiet-hours': read('quiet-hours.json', quietHoursSchema),
  channel: read('channels.json', channelPolicySchema),
  'unit-cost': read('unit-costs.json', unitCostSchema),
  rate: read('rates.json', rateLimitSchema),
  consistency: read('consistency.json', consistencyRuleSchema),
  lifecycle: read('lifecycle.json', lifecycleStateSchema),
  interest: read('interests.json', interestPolicySchema),
  'event-type': read('event-types.json', eventTypeSchema),
  value: read('values.json', valuePolicySchema),
  holdout: read('holdouts.json', holdoutSchema),
});
