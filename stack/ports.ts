import { createServer } from 'node:net';

function canListen(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}

/**
 * The first port from `preferred` on that nobody listens on; any free one when the next 50 are taken or when
 * preferred is 0.
 */
export async function freePort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  if (preferred > 0) {
    for (let port = preferred; port < Math.min(preferred + 50, 65_536); port += 1) {
      const bound = await canListen(port, host);
      if (bound !== undefined) return bound;
    }
  }
  const any = await canListen(0, host);
  if (any === undefined) throw new Error(`no-free-port on ${host}`);
  return any;
}
