import { randomUUID } from 'node:crypto';
import type { Sql } from '../../store/db';
import { createSegmentsStore, type LiveSegment } from '../../store/segments-store';

/** A version of a segment, tried and live. */
export async function putLive(sql: Sql, key: string, rule: unknown, name = key): Promise<LiveSegment> {
  const segments = createSegmentsStore(sql);
  const { version } = await segments.put(key, { name, rule }, 'anne');
  await segments.recordSimulation({ id: randomUUID(), key, version, report: {}, by: 'anne' });
  return segments.goLive(key, version, 'anne');
}
