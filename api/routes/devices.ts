import { z } from 'zod';
import { profileRefSchema, type ProfileRef } from '../../domain/events/event';
import { BoucleError } from '../../domain/shared/errors';
import { storableText } from '../../domain/shared/text';
import { PLATFORMS, type DevicesStore } from '../../store/devices-store';
import type { App } from '../types';

/** Tokens of FCM are some 150 to 250 characters; their length is not promised. */
const TOKEN_MAX = 4_096;

const deviceBody = z.strictObject({
  profile: profileRefSchema,
  token: storableText(TOKEN_MAX)
    .min(16)
    .describe('Registration token of Firebase Cloud Messaging, as the application got it.'),
  platform: z.enum(PLATFORMS),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'such as fr or fr-BE')
    .optional(),
});

const deviceId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
  .describe('What registering answered: the fingerprint of the token.');

export interface DevicesDeps {
  readonly devices: Pick<DevicesStore, 'register' | 'remove'>;
  readonly resolve: (ref: ProfileRef) => Promise<number | null>;
}

/** Where push messages reach people. Applications call it through their own server at each start and sign-in. */
export function devicesRoutes(app: App, { devices, resolve }: DevicesDeps): void {
  app.post(
    '/v1/devices',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['profiles'],
        summary: 'Registers a device for push, or moves it to who signs in on it now',
        body: deviceBody,
        response: { 200: z.object({ id: deviceId, profileId: z.int() }) },
      },
    },
    async (request) => {
      const { profile, token, platform, locale } = request.body;
      const profileId = await resolve(profile);
      const id =
        profileId === null
          ? null
          : await devices.register({ profileId, token, platform, locale: locale ?? null });
      if (profileId === null || id === null) {
        throw new BoucleError('not-found', 'Nobody is known by that.', [
          { path: '/profile', message: 'no such profile' },
        ]);
      }
      request.auditTarget = id;
      return { id, profileId };
    },
  );

  app.delete(
    '/v1/devices/:id',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['profiles'],
        summary: 'Forgets a device: after signing out, or when push is switched off',
        params: z.object({ id: deviceId }),
        response: { 204: z.null() },
      },
    },
    async ({ params }, reply) => {
      if (!(await devices.remove(params.id))) throw new BoucleError('not-found', 'No such device.');
      return reply.code(204).send(null);
    },
  );
}
