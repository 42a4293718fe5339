import { readFileSync } from 'node:fs';
import { openApiDocument } from '../../../api/openapi-document';
import { fromRoot } from '../../../config/paths';

/** docs/openapi.json, from the routes. */
export async function openapiDoc(): Promise<string> {
  const { version }: { version: string } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'));
  return openApiDocument(version);
}
