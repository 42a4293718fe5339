import { readFileSync } from 'node:fs';
import { JWT } from 'google-auth-library';
import { z } from 'zod';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';

const keyFile = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(3),
  private_key: z.string().includes('PRIVATE KEY'),
});

export type ServiceAccount = z.infer<typeof keyFile>;

/** The JSON key Firebase gives out. Throws without showing any of it. */
export function readServiceAccount(path: string): ServiceAccount {
  try {
    return keyFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new Error('configuration-invalid\nFCM_SERVICE_ACCOUNT: not the JSON key file of a service account');
  }
}

/** Access tokens, kept until shortly before they end (an hour). Throws when Google gives none. */
export function createAccessTokens(account: ServiceAccount, tokenUrl?: string): () => Promise<string> {
  const client = new JWT({
    email: account.client_email,
    key: account.private_key,
    scopes: [SCOPE],
    // Node's own fetch: the library would load another by a dynamic import.
    transporterOptions: { timeout: 10_000, fetchImplementation: fetch },
  });
  if (tokenUrl !== undefined) {
    // The library knows one address and no option for another.
    client.transporter.interceptors.request.add({
      resolved: (request) => Promise.resolve({ ...request, url: new URL(tokenUrl) }),
    });
  }
  return async () => {
    const { token } = await client.getAccessToken();
    if (token === null || token === undefined || token === '') throw new Error('no access token was given');
    return token;
  };
}
