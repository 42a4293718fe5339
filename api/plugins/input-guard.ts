import { BoucleError, type Fault } from '../../domain/shared/errors';
import type { App } from '../types';

/** Deeper than any document of ours; below it, every reader of a body may recurse. */
const DEEPEST = 64;

/**
 * Refuses, before any schema is asked, what no column can store: NUL and lone surrogates in strings, numbers beyond
 * all measure, nesting without end.
 */
export function registerInputGuard(app: App): void {
  app.addHook('preValidation', async (request) => {
    const { body, routeOptions } = request;
    const byItself =
      routeOptions.config.eachByItself === true && (Array.isArray(body) || typeof body === 'string');
    const faults = [
      ...unstorable(request.params, '/path'),
      ...unstorable(request.query, '/query'),
      ...(byItself ? tooDeep(body, '') : unstorable(body, '')),
    ];
    refuseUnstorable(faults);
  });
}

/** Throws invalid-request. */
export function refuseUnstorable(faults: readonly Fault[]): void {
  if (faults.length > 0)
    throw new BoucleError('invalid-request', 'The request holds values that cannot be stored.', faults);
}

/** Places in a parsed value that cannot be stored. Streams and buffers are looked at by their own routes. */
export function unstorable(value: unknown, path: string, depth = 0): Fault[] {
  if (typeof value === 'string') return stringFault(value, path);
  if (typeof value === 'number') {
    return Number.isFinite(value) ? [] : [{ path, message: 'is too large a number' }];
  }
  if (typeof value !== 'object' || value === null || !isPlain(value)) return [];
  if (depth >= DEEPEST) return [nestedFault(path)];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...stringFault(key, path),
    ...unstorable(inner, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1),
  ]);
}

const nestedFault = (path: string): Fault => ({
  path: path.slice(0, 200),
  message: `is nested deeper than ${DEEPEST} levels`,
});

function tooDeep(value: unknown, path: string, depth = 0): Fault[] {
  if (typeof value !== 'object' || value === null) return [];
  if (depth >= DEEPEST) return [nestedFault(path)];
  return Object.entries(value).flatMap(([key, inner]) => tooDeep(inner, `${path}/${key}`, depth + 1));
}

function stringFault(value: string, path: string): Fault[] {
  if (value.includes('\0')) return [{ path, message: 'holds a NUL character' }];
  return /\p{Surrogate}/u.test(value) ? [{ path, message: 'holds half a character (a lone surrogate)' }] : [];
}

/** Parameters and queries come with a prototype of their own, which has none. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}
