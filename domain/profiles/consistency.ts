import { z } from 'zod';
import { storableText } from '../shared/text';
import { ATTRIBUTE_NAME } from './mapping';

const attribute = z.string().regex(ATTRIBUTE_NAME);
const words = z.array(storableText(100).min(1)).min(1).max(500);
const about = storableText(300).optional();
const people = z.int().min(2).max(1_000);

/** Fields that only a rule over many people doubts: what one record says cannot clear that. */
const OF_MANY = { phone: 'phone', address: 'address1' } as const;

/**
 * What must not be said together, or at all. A breach makes values doubtful: they are kept, and neither written to nor
 * printed. Rules over one record are asked when it is written, `shared-…` over everybody now and then.
 */
export const consistencyRuleSchema = z.discriminatedUnion('check', [
  z.strictObject({ check: z.literal('area-of-postcode'), about }),
  z.strictObject({
    check: z.literal('city-of-postcode'),
    /** Departments a city of this name may lie in; of cities that are not named nothing is said. */
    cities: z.record(storableText(100).min(1), z.array(z.string().regex(/^[0-9AB]{2,3}$/)).min(1)),
    about,
  }),
  z.strictObject({
    check: z.literal('age-of-birth-date'),
    birthDate: attribute,
    age: attribute,
    toleranceYears: z.int().min(0).max(20),
    about,
  }),
  z.strictObject({
    check: z.literal('placeholder-email'),
    /** Before the @. */
    locals: words.optional(),
    hosts: words.optional(),
    about,
  }),
  z.strictObject({
    check: z.literal('placeholder-name'),
    fields: z.array(z.enum(['firstName', 'lastName', 'city'])).min(1),
    values: words,
    about,
  }),
  z.strictObject({ check: z.literal('mistyped-host'), hosts: words, about }),
  z.strictObject({
    check: z.literal('shared-phone'),
    /** So many people are said to have it. */
    people,
    about,
  }),
  z.strictObject({
    check: z.literal('shared-address'),
    /** So many telephones are at it. */
    phones: people,
    about,
  }),
]);
export type ConsistencyRule = z.infer<typeof consistencyRuleSchema>;

/** The field each rule over many people doubts. */
export const DOUBTED_OF_MANY = {
  'shared-phone': OF_MANY.phone,
  'shared-address': OF_MANY.address,
} as const;
