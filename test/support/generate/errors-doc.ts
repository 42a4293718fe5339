import { ERROR_CATALOGUE } from '../../../domain/shared/error-catalogue';

/** docs/errors.md, from the error catalogue. */
export function errorsDoc(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, { status, retry, help }]) =>
      `| <a id="${code}"></a>\`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${help.replaceAll('|', '\\|')} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `domain/shared/error-catalogue.ts` by `npm run generate`. Answers are problem+json with the code in',
    '`code`; a released code keeps its meaning. "Again" says whether the same call may work later.',
    '',
    '| code | status | again | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
