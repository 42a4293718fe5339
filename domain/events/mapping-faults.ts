import type { Mapping } from '../profiles/mapping';
import type { Fault } from '../shared/errors';
import type { EventRules } from './check-event';

/**
 * Where a file's mapping makes events its types do not have; paths are pointers into the mapping. A file tells of an event
 * when it was and what it came to, and no properties.
 */
export function mappingFaults({ events }: Pick<Mapping, 'events'>, { types, unknown }: EventRules): Fault[] {
  return events.flatMap((event, index) => {
    const type = types.get(event.type);
    const path = `/events/${index}`;
    if (type === undefined)
      return unknown === 'refuse' ? [{ path: `${path}/type`, message: 'is no type that is known here' }] : [];
    const faults: Fault[] = [];
    if (type.value === 'required' && event.valueColumn === undefined)
      faults.push({ path: `${path}/valueColumn`, message: 'is missing: the type asks for a value' });
    if (type.value === 'refused' && event.valueColumn !== undefined)
      faults.push({ path: `${path}/valueColumn`, message: 'has no place in this type' });
    const asked = Object.entries(type.properties).flatMap(([name, { required }]) => (required ? [name] : []));
    if (asked.length > 0)
      faults.push({
        path: `${path}/type`,
        message: `asks for properties, which files do not have: ${asked.join(', ')}`,
      });
    return faults;
  });
}
