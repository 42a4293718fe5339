/**
 * Argument 1: the port. Argument 2: a folder with key.pem and cert.pem for STARTTLS, or nothing. Argument 3: a domain whose
 * mails are never answered.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

const [port, folder, tarpit] = process.argv.slice(2);
const server = new SMTPServer({
  authOptional: true,
  disableReverseLookup: true,
  logger: false,
  ...(folder
    ? { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) }
    : { disabledCommands: ['STARTTLS'] }),
  onData: (stream, { envelope }, done) => {
    const hangs = envelope.rcptTo.some(({ address }) => address.endsWith(`@${tarpit}`));
    stream.resume();
    stream.once('end', () => {
      if (!hangs) done();
    });
  },
});
server.on('error', () => undefined);
server.listen(Number(port), '127.0.0.1');
process.once('disconnect', () => process.exit(0));
