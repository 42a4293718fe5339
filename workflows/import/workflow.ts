import { activities } from '../activity-groups';
import type { ImportInput } from './contract';

export async function importWorkflow(input: ImportInput): Promise<{ rows: number; rejected: number }> {
  const { rows, rejected } = await activities.imports.runImport(input);
  return { rows, rejected };
}
