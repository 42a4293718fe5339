/** One per import request; the bytes already wait in staging. */
export const IMPORT_WORKFLOW = 'importWorkflow';
export const IMPORT_QUEUE = 'analytics';
export const importWorkflowId = (importId: string): string => `import.${importId}`;

export interface ImportInput {
  readonly importId: string;
}
