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

const by = (name: string): string[] => ['-c', `user.name=${name}`, '-c', 'user.email=team@maison.example'];

function theirs(folder: string, name: string, content: string | Buffer, message: string): void {
  writeFileSync(join(folder, 'a.csv'), content);
  git(folder, ...by(name), 'commit', '--quiet', '-am', message);
}

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

  test('says what others committed to a file, to the byte, the oldest first, and nothing of its own', async () => {
    const folder = emptyFolder();
    const knowledge = createGitFolder(folder);
    const changes = (...seen: string[]) => knowledge.changes('a.csv', seen);
    expect(await changes()).toEqual([]);
    git(folder, 'init', '--quiet', '--initial-branch=main');
    expect(await changes()).toEqual([]);
    await knowledge.publish({ 'a.csv': 'ours\n' }, 'First');
    expect(await changes()).toEqual([]);
    theirs(folder, 'Zoé', '\ufeffa;b\r\n\n', 'For the summer');
    await knowledge.publish({ 'a.csv': 'ours again\n' }, 'Second');
    const summer = {
      commit: git(folder, 'rev-parse', 'HEAD~1'),
      author: 'Zoé',
      message: 'For the summer',
      content: '\ufeffa;b\r\n\n',
    };
    expect(await changes()).toEqual([summer]);
    theirs(folder, 'Anne', Buffer.from('été', 'latin1'), 'In Latin-1');
    theirs(folder, 'Zoé', 'mended\n', 'Mended');
    git(folder, ...by('Zoé'), 'rm', '--quiet', 'a.csv');
    git(folder, ...by('Zoé'), 'commit', '--quiet', '-m', 'Away');
    const latin = { author: 'Anne', message: 'In Latin-1', content: '\ufffdt\ufffd' };
    const mended = { author: 'Zoé', message: 'Mended', content: 'mended\n' };
    expect(await changes()).toMatchObject([summer, latin, mended]);
    expect(await changes(summer.commit)).toMatchObject([latin, mended]);
    // What went before one that was seen is over; one that is not in the history any more hinders nothing.
    expect(await changes(git(folder, 'rev-parse', 'HEAD~2'), 'f'.repeat(40))).toMatchObject([mended]);
  });

  test('a merge that brings two texts together comes after both; one that takes a side is none', async () => {
    const folder = emptyFolder();
    const knowledge = createGitFolder(folder);
    const lines = ['first', ...'abcdefg', 'last'];
    await knowledge.publish({ 'a.csv': lines.join('\n') }, 'First');
    git(folder, 'checkout', '--quiet', '-b', 'side');
    theirs(folder, 'Anne', lines.join('\n').replace('first', '1st'), 'The first');
    git(folder, 'checkout', '--quiet', 'main');
    theirs(folder, 'Zoé', lines.join('\n').replace('last', 'nth'), 'The last');
    const seen = git(folder, 'rev-parse', 'HEAD');
    git(folder, ...by('Paul'), 'merge', '--quiet', '-m', 'Both', 'side');
    const both = await knowledge.changes('a.csv', [seen]);
    expect(both.map(({ author, message }) => [author, message])).toEqual([
      ['Anne', 'The first'],
      ['Paul', 'Both'],
    ]);
    expect(both[1]?.content).toBe(['1st', ...'abcdefg', 'nth'].join('\n'));
    git(folder, ...by('Paul'), 'merge', '--quiet', '--no-ff', '-m', 'Nothing new', 'side');
    expect(await knowledge.changes('a.csv', [seen])).toHaveLength(2);
  });

  test('of very many commits the oldest come first, and the rest with the next call', async () => {
    const folder = emptyFolder();
    git(folder, 'init', '--quiet', '--initial-branch=main');
    const stream = Array.from({ length: 103 }, (_, i) => {
      const blob = `v${i}`;
      return `commit refs/heads/main\ncommitter Zoe <z@z> ${1_700_000_000 + i} +0000\ndata ${blob.length}\n${blob}\nM 100644 inline a.csv\ndata ${blob.length}\n${blob}\n`;
    });
    execFileSync('git', ['fast-import', '--quiet'], { cwd: folder, input: stream.join('') });
    const knowledge = createGitFolder(folder);
    const first = await knowledge.changes('a.csv', []);
    expect(first.map(({ content }) => content)).toEqual(Array.from({ length: 100 }, (_, i) => `v${i}`));
    const rest = await knowledge.changes(
      'a.csv',
      first.map(({ commit }) => commit),
    );
    expect(rest.map(({ content }) => content)).toEqual(['v100', 'v101', 'v102']);
  });
});
