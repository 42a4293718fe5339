import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createGitFolder } from '../../../adapters/knowledge/git-folder';

const made: string[] = [];
const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'knowledge-'));
  made.push(folder);
  return folder;
};
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'safe.directory=*', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();

describe('the knowledge folder', () => {
  test('a new folder becomes a repository; a second publication is a second commit; the same one is none', async () => {
    const folder = join(emptyFolder(), 'knowledge');
    // As somebody may write it in the environment: from where the process was started.
    const knowledge = createGitFolder(relative(process.cwd(), folder));
    const first = await knowledge.publish({ 'a.md': 'one\n', 'b.md': 'two\n' }, 'First');
    expect(first.notCommitted).toBeNull();
    expect(git(folder, 'show', '--stat', '--format=%an <%ae> %s', 'HEAD')).toContain(
      'Boucle <boucle@localhost> First',
    );
    expect((await knowledge.publish({ 'a.md': 'one\n', 'b.md': 'two\n' }, 'Same')).commit).toBeNull();
    const second = await knowledge.publish({ 'a.md': 'three\n' }, 'Second');
    expect(second.commit).not.toBe(first.commit);
    expect(git(folder, 'log', '--format=%s')).toBe('Second\nFirst');
    expect(git(folder, 'show', 'HEAD:a.md')).toBe('three');
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  test('works where no identity is configured, and where signing and hooks are', async () => {
    const folder = emptyFolder();
    const home = emptyFolder();
    writeFileSync(
      join(home, '.gitconfig'),
      '[commit]\n\tgpgsign = true\n[core]\n\thooksPath = /nowhere\n[user]\n\tuseConfigOnly = true\n',
    );
    const env = { HOME: home, XDG_CONFIG_HOME: home, PATH: process.env['PATH'] ?? '' };
    const { commit } = await createGitFolder(folder, { env }).publish({ 'a.md': 'one\n' }, 'First');
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
  });

  test('a repository around the folder is left alone, as are files of other people in it', async () => {
    const outer = emptyFolder();
    git(outer, 'init', '--quiet');
    const folder = join(outer, 'knowledge');
    const knowledge = createGitFolder(folder);
    await knowledge.publish({ 'a.md': 'one\n' }, 'First');
    writeFileSync(join(folder, 'note.md'), 'mine\n');
    git(folder, 'add', 'note.md');
    await knowledge.publish({ 'a.md': 'two\n' }, 'Second');
    expect(() => git(outer, 'log')).toThrow();
    expect(git(folder, 'show', '--name-only', '--format=', 'HEAD')).toBe('a.md');
    expect(git(folder, 'status', '--porcelain')).toBe('A  note.md');
  });

  test('without git the files are written, and it says so', async () => {
    const folder = emptyFolder();
    const without = createGitFolder(folder, { program: join(folder, 'no-such-git') });
    const publication = await without.publish({ 'a.md': 'one\n' }, 'First');
    expect(publication).toEqual({ commit: null, notCommitted: 'git is not installed' });
    expect(readFileSync(join(folder, 'a.md'), 'utf8')).toBe('one\n');
    // Once git is there, the next publication commits what the first could not.
    expect((await createGitFolder(folder).publish({ 'a.md': 'one\n' }, 'Later')).commit).not.toBeNull();
  });

  test("another process's lock is respected, a dead one's is removed", async () => {
    const folder = emptyFolder();
    const knowledge = createGitFolder(folder);
    await knowledge.publish({ 'a.md': 'one\n' }, 'First');
    const lock = join(folder, '.git', 'index.lock');
    writeFileSync(lock, '');
    expect((await knowledge.publish({ 'a.md': 'two\n' }, 'Second')).notCommitted).toContain('git failed');
    expect(readFileSync(join(folder, 'a.md'), 'utf8')).toBe('two\n');
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(lock, longAgo, longAgo);
    expect((await knowledge.publish({ 'a.md': 'two\n' }, 'Third')).commit).not.toBeNull();
    expect(existsSync(lock)).toBe(false);
  });

  test('says what somebody else committed to a file last, to the byte, and nothing of its own', async () => {
    const folder = emptyFolder();
    const knowledge = createGitFolder(folder);
    expect(await knowledge.lastChange('a.csv')).toBeNull();
    git(folder, 'init', '--quiet');
    expect(await knowledge.lastChange('a.csv')).toBeNull();
    await knowledge.publish({ 'a.csv': 'ours\n' }, 'First');
    expect(await knowledge.lastChange('a.csv')).toBeNull();
    const theirs = (content: string | Buffer, message: string): void => {
      writeFileSync(join(folder, 'a.csv'), content);
      git(
        folder,
        '-c',
        'user.name=Zoé',
        '-c',
        'user.email=zoe@maison.example',
        'commit',
        '--quiet',
        '-am',
        message,
      );
    };
    theirs('\ufeffa;b\r\n\n', 'For the summer');
    await knowledge.publish({ 'a.csv': 'ours again\n' }, 'Second');
    expect(await knowledge.lastChange('a.csv')).toEqual({
      commit: git(folder, 'rev-parse', 'HEAD~1'),
      author: 'Zoé',
      message: 'For the summer',
      content: '\ufeffa;b\r\n\n',
    });
    theirs(Buffer.from('été', 'latin1'), 'In Latin-1');
    expect((await knowledge.lastChange('a.csv'))?.content).toBe('\ufffdt\ufffd');
    git(folder, '-c', 'user.name=Zoé', '-c', 'user.email=z@z', 'rm', '--quiet', 'a.csv');
    git(folder, '-c', 'user.name=Zoé', '-c', 'user.email=z@z', 'commit', '--quiet', '-m', 'Away');
    expect((await knowledge.lastChange('a.csv'))?.message).toBe('In Latin-1');
  });
});
