import { z } from 'zod';
import type { Fault } from '../shared/errors';
import { own } from '../shared/own';
import { storableText } from '../shared/text';
import type { EventInput } from './event';

const property = z
  .strictObject({
    type: z.enum(['text', 'number', 'boolean', 'date']),
    required: z.boolean().default(false),
    /** The only texts it may be. */
    oneOf: z.array(storableText(500)).min(1).max(200).optional(),
  })
  .refine((one) => one.oneOf === undefined || one.type === 'text', {
    message: 'only texts are listed',
    path: ['oneOf'],
  });

/** What events of a type look like. Types that no policy knows are taken as they come, or refused (UNKNOWN_EVENT_TYPES). */
export const eventTypeSchema = z.strictObject({
  type: storableText(60).min(1),
  about: storableText(200).min(1),
  /** An amount of money. */
  value: z.enum(['required', 'allowed', 'refused']).default('allowed'),
  properties: z.record(storableText(60).min(1), property).default({}),
  /** Properties that are not named here. */
  others: z.enum(['allowed', 'refused']).default('allowed'),
});
export type EventType = z.infer<typeof eventTypeSchema>;

const FITS: Readonly<Record<EventType['properties'][string]['type'], (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  date: (value) =>
    typeof value === 'string' &&
    z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(value).success,
};

/** Where an event is not as its type has it; paths are pointers into the event. */
export function typeFaults(event: EventInput, type: EventType): Fault[] {
  const faults: Fault[] = [];
  const valued = event.valueCents !== undefined || event.value !== undefined;
  if (type.value === 'required' && !valued) faults.push({ path: '/value', message: 'is missing' });
  if (type.value === 'refused' && valued)
    faults.push({
      path: event.value === undefined ? '/valueCents' : '/value',
      message: 'has no place in this type',
    });
  const given = event.properties ?? {};
  for (const [name, asked] of Object.entries(type.properties)) {
    const path = `/properties/${pointer(name)}`;
    const value = own(given, name);
    if (value === undefined) {
      if (asked.required) faults.push({ path, message: 'is missing' });
    } else if (!FITS[asked.type](value)) faults.push({ path, message: `is no ${asked.type}` });
    else if (asked.oneOf !== undefined && typeof value === 'string' && !asked.oneOf.includes(value))
      faults.push({ path, message: `is none of ${asked.oneOf.join(', ')}` });
  }
  if (type.others === 'refused')
    for (const name of Object.keys(given))
      if (!Object.hasOwn(type.properties, name))
        faults.push({ path: `/properties/${pointer(name)}`, message: 'is no property of this type' });
  return faults;
}

const pointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
