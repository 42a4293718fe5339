import { z } from 'zod';
import type { Topic } from '../../config/policies/topics';
import { preferencesSchema } from '../../domain/consent/preferences';
import { BoucleError, type Fault } from '../../domain/shared/errors';
import { CHANNELS } from '../../domain/shared/words';
import type { KeptPreferences, PreferencesStore } from '../../store/preferences-store';
import { principalOf } from '../plugins/authentication';
import { profileParams } from '../schemas/profile-params';
import type { App } from '../types';

const shown = z
  .object({
    pausedUntil: z.date().nullable(),
    preferredChannel: z.enum(CHANNELS).nullable(),
    refusedTopics: z.array(z.string()),
    newsletter: z.object({ limit: z.int(), days: z.number() }).nullable(),
    sendHour: z.int().nullable(),
    updatedAt: z.date().nullable().describe('null: the person never stated any.'),
    updatedBy: z.string().nullable(),
  })
  .meta({ id: 'Preferences' });

export interface PreferencesDeps {
  readonly preferences: PreferencesStore;
  readonly topics: readonly Topic[];
}

export function preferencesRoutes(app: App, { preferences, topics }: PreferencesDeps): void {
  const offered = new Set(topics.map(({ key }) => key));

  app.get(
    '/v1/profiles/:id/preferences',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['consents'],
        summary: 'What somebody wishes about being written to',
        params: profileParams,
        response: { 200: shown },
      },
    },
    async ({ params }) => known(await preferences.of(params.id)),
  );

  app.put(
    '/v1/profiles/:id/preferences',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['consents'],
        summary: 'Sets the wishes of somebody, whole, on their word',
        params: profileParams,
        body: preferencesSchema,
        response: { 200: shown },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { pausedUntil, ...rest } = request.body;
      const faults = rest.refusedTopics.flatMap((topic, at): Fault[] =>
        offered.has(topic) ? [] : [{ path: `/refusedTopics/${at}`, message: 'no such topic' }],
      );
      if (faults.length > 0) throw new BoucleError('invalid-request', 'Some topics are not offered.', faults);
      const wishes = { ...rest, pausedUntil: pausedUntil === null ? null : new Date(pausedUntil) };
      await preferences.put(id, wishes, principalOf(request).name);
      return known(await preferences.of(id));
    },
  );
}

function known(preferences: KeptPreferences | null) {
  if (preferences === null) throw new BoucleError('not-found', 'No such profile.');
  return { ...preferences, refusedTopics: [...preferences.refusedTopics] };
}
