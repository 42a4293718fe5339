/** Argument 1: the port. Argument 2: a folder with key.pem and cert.pem for STARTTLS, or nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

const [port, folder] = process.argv.slice(2);
const server = new SMTPServer({
  authOptional: true,
  disableReverseLookup: true,
  logger: false,
  ...(folder
    ? { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) }
    : { disabledCommands: ['STARTTLS'] }),
  onData: (stream, _session, done) => {
    stream.resume();
    stream.once('end', () => done());
  },
});
server.on('error', () => undefined);
server.listen(Number(port), '127.0.0.1');
process.once('disconnect', () => process.exit(0));
