import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitFolder } from '../../../adapters/knowledge/git-folder';
import { createImprovementStore } from '../../../store/improvement-store';
import { createPersonaMatrixStore } from '../../../store/persona-matrix-store';
import { createMatrixDuties } from '../../../store/persona-matrix/duties';
import { doMatrixDuties, type MatrixDutiesDeps } from '../../../worker/matrix-duties';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { putMatrix, putOffersOf } from '../../support/matrix';
import { putLive } from '../../support/segments';

const csv = (message: string, segment = 'adults'): string =>
  `segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\n${segment},high,regular,active,${message},chaud,P10\n`;

let database: FreshDatabase;
let folder: string;
beforeEach(async () => {
  database = await freshDatabase(4);
  folder = mkdtempSync(join(tmpdir(), 'matrix-'));
  await putLive(database.db.app, 'adults', { everyone: true });
  await putOffersOf(database.db.app, csv('x'));
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const store = () => createPersonaMatrixStore(database.db.app);

/** Rounds of any number of workers; what Slack heard of them. */
function worker(post: (words: string) => void = () => {}) {
  const heard: string[] = [];
  const deps: MatrixDutiesDeps = {
    duties: createMatrixDuties(database.db.app),
    knowledge: createGitFolder(folder),
    improvement: createImprovementStore(database.db.app),
    messenger: {
      postNote: async (words) => {
        post(words);
        heard.push(words);
        return null;
      },
    },
    log: { warn: () => {} },
  };
  return { heard, round: (now = new Date()) => doMatrixDuties(deps, now) };
}

const git = (...args: string[]): string =>
  execFileSync(
    'git',
    ['-c', 'user.name=Zoé', '-c', 'user.email=zoe@maison.example', '-c', 'safe.directory=*', ...args],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  ).trim();

function commit(content: string, message: string, name = 'Zoé'): void {
  writeFileSync(join(folder, 'persona_matrix.csv'), content);
  git('add', 'persona_matrix.csv');
  git('-c', `user.name=${name}`, 'commit', '--quiet', '-m', message);
}

describe('versions', () => {
  test('a text is proposed once while it waits or counts, and again once it was rejected or replaced', async () => {
    expect((await store().propose(csv('a'), 'anne')).version).toBe(1);
    expect((await store().propose(csv('a'), 'zoe')).version).toBe(1);
    await store().approve(1, 'paul');
    expect((await store().propose(csv('a'), 'anne')).version).toBe(1);
    expect((await store().propose(csv('b'), 'anne')).version).toBe(2);
    await store().reject(2, 'paul');
    expect((await store().propose(csv('b'), 'anne')).version).toBe(3);
    await store().approve(3, 'paul');
    expect((await store().propose(csv('a'), 'anne')).version).toBe(4);
  });

  test('an older proposal cannot take the place of a later one', async () => {
    await store().propose(csv('a'), 'anne');
    await store().propose(csv('b'), 'anne');
    await store().approve(2, 'paul');
    await expect(store().approve(1, 'paul')).rejects.toMatchObject({ code: 'conflict' });
    expect((await store().get())?.version).toBe(2);
    expect((await store().get(1))?.rows[0]?.key_message).toBe('a');
  });

  test('whoever proposed some of it does not approve it, until it counts without them', async () => {
    const rows = (...messages: string[]): string =>
      csv('x').replace(
        /adults.*\n/,
        messages
          .map((message, i) => `${['adults', 'all'][i]},high,regular,active,${message},chaud,P10\n`)
          .join(''),
      );
    await putLive(database.db.app, 'all', { everyone: true });
    await putMatrix(database.db.app, rows('a', 'b'));
    await store().propose(rows('by Zoé', 'b'), 'zoe');
    await store().propose(rows('by Zoé', 'by Ben'), 'ben');
    await store().propose(rows('a', 'by Carl'), 'carl');
    await store().propose(rows('by Zoé'), 'dora');
    await store().reject(4, 'zoe');
    await expect(store().approve(3, 'zoe')).rejects.toMatchObject({ code: 'matrix-four-eyes' });
    await expect(store().approve(5, 'Zoe')).rejects.toMatchObject({ code: 'matrix-four-eyes' });
    await store().approve(2, 'paul');
    await store().approve(3, 'zoe');
    // What Ben wrote counts since: he takes nothing of his own in.
    await store().propose(rows('by Emma', 'by Ben'), 'emma');
    await store().approve(6, 'ben');
  });

  test('nothing that has come into use since is taken back unseen', async () => {
    const rows = (first: string, second: string): string =>
      csv('x').replace(
        /adults.*\n/,
        `adults,high,regular,active,${first},chaud,P10\nall,high,regular,active,${second},chaud,P10\n`,
      );
    await putLive(database.db.app, 'all', { everyone: true });
    await putMatrix(database.db.app, rows('a', 'b'));
    await store().propose(rows('new', 'b'), 'zoe');
    await store().propose(rows('a', 'other'), 'ben');
    await store().propose(rows('new', 'both'), 'carl');
    await store().approve(2, 'paul');
    await expect(store().approve(3, 'paul')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('adults'),
    });
    await store().approve(4, 'paul');
  });

  test('two who decide at once: one does', async () => {
    await store().propose(csv('a'), 'anne');
    const both = await Promise.allSettled([store().approve(1, 'paul'), store().reject(1, 'zoe')]);
    expect(both.filter((one) => one.status === 'rejected')).toMatchObject([{ reason: { code: 'conflict' } }]);
  });

  test('what it names must be there when it is proposed, and still when it is approved', async () => {
    await expect(store().propose(csv('', 'ghosts'), 'anne')).rejects.toMatchObject({
      code: 'matrix-invalid',
      faults: [
        { path: 'line 2, key_message', message: 'this cell is empty' },
        { path: 'line 2, segment_id', message: 'no segment of this key is live' },
      ],
    });
    await store().propose(csv('a'), 'anne');
    await database.db.app`delete from offers`;
    await expect(store().approve(1, 'paul')).rejects.toMatchObject({
      code: 'matrix-invalid',
      faults: [{ path: 'line 2, offer_code' }],
    });
  });
});

describe('Slack', () => {
  test('hears of a proposal with what it changes, and of what became of it, each once', async () => {
    const { heard, round } = worker();
    await putMatrix(database.db.app, csv('a'));
    await store().propose(csv('b'), 'anne', 'for the summer');
    await Promise.all([round(), round()]);
    expect(heard).toHaveLength(2);
    const of2 = heard.find((words) => words.includes('version 2'));
    expect(of2).toContain('anne proposes version 2');
    expect(of2).toContain('“for the summer”');
    expect(of2).toContain('• row adults: key_message a → b');
    await store().reject(2, 'paul', 'too early');
    await round();
    await round();
    expect(heard.slice(2)).toEqual(['Persona matrix: version 2 by anne was rejected by paul.\n“too early”']);
  });

  test('that is down hears of it later', async () => {
    let down = true;
    const { heard, round } = worker(() => {
      if (down) throw new Error('down');
    });
    await store().propose(csv('a'), 'anne');
    await round();
    down = false;
    await round();
    expect(heard).toEqual([]);
    await database.db.app`update persona_matrix_versions set taken_until = now() - interval '1 second'`;
    await round();
    expect(heard).toHaveLength(1);
  });
});

describe('the knowledge folder', () => {
  test('has the version in use, committed when it is approved', async () => {
    const { round } = worker();
    await store().propose(csv('a'), 'anne');
    await round();
    expect(() => readFileSync(join(folder, 'persona_matrix.csv'))).toThrow();
    await store().approve(1, 'paul');
    await round();
    expect(readFileSync(join(folder, 'persona_matrix.csv'), 'utf8')).toBe(csv('a'));
    expect(git('log', '--format=%s')).toBe('Persona matrix version 1 by anne, approved by paul');
    await round();
    expect(git('rev-list', '--count', 'HEAD')).toBe('1');
  });

  test('gives a commit of somebody as a proposal of theirs, once; after a rejection it has again what counts', async () => {
    const { round } = worker();
    await putMatrix(database.db.app, csv('a'));
    await round();
    commit(csv('b'), 'Warmer words');
    await Promise.all([round(), round()]);
    await round();
    expect(await store().versions()).toMatchObject([
      { version: 2, state: 'proposed', createdBy: 'Zoé', note: 'Warmer words' },
      { version: 1, state: 'approved' },
    ]);
    await expect(store().approve(2, 'zoé')).rejects.toMatchObject({ code: 'matrix-four-eyes' });
    await store().reject(2, 'paul');
    await round();
    await round();
    expect(readFileSync(join(folder, 'persona_matrix.csv'), 'utf8')).toBe(csv('a'));
    expect(await store().versions()).toHaveLength(2);
    commit(csv('a').replace('adults', 'adults '), 'As it was, with a blank');
    commit(csv('a'), 'As it was');
    await round();
    expect((await store().versions())[0]).toMatchObject({ version: 3, note: 'As it was, with a blank' });
  });

  test('of commits between two looks each is a proposal of its author, in their order', async () => {
    const { round } = worker();
    await putMatrix(database.db.app, csv('a'));
    await round();
    commit(csv('by Anne'), 'First', 'Anne');
    commit(csv('by Anne').replace('chaud', 'by Zoé'), 'Second');
    await Promise.all([round(), round()]);
    expect((await store().versions()).slice(0, 2)).toMatchObject([
      { version: 3, state: 'proposed', createdBy: 'Zoé', note: 'Second' },
      { version: 2, state: 'proposed', createdBy: 'Anne', note: 'First' },
    ]);
    // The second holds what the first wrote.
    await expect(store().approve(3, 'anne')).rejects.toMatchObject({ code: 'matrix-four-eyes' });
    await expect(store().approve(3, 'zoé')).rejects.toMatchObject({ code: 'matrix-four-eyes' });
    expect((await store().approve(3, 'paul')).rows[0]).toMatchObject({
      key_message: 'by Anne',
      visual_guideline: 'by Zoé',
    });
    await expect(store().approve(2, 'paul')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a commit that was decided on is not proposed again by a worker that read it before', async () => {
    const { round } = worker();
    const duties = createMatrixDuties(database.db.app);
    git('init', '--quiet');
    commit(csv('b'), 'Warmer words');
    const [read] = await createGitFolder(folder).changes('persona_matrix.csv', await duties.seen());
    if (read === undefined) throw new Error('the commit is there');
    await round();
    await store().reject(1, 'paul');
    await duties.takeIn(read);
    expect(await store().versions()).toHaveLength(1);
  });

  test('whose commit had faults does not approve what somebody made of it', async () => {
    const { round } = worker();
    await putMatrix(database.db.app, csv('a'));
    await round();
    commit(csv('by Anne', 'ghosts'), 'Oops', 'Anne');
    commit(csv('by Anne'), 'Mended');
    await round();
    expect((await store().versions())[0]).toMatchObject({ version: 2, createdBy: 'Zoé' });
    await expect(store().approve(2, 'anne')).rejects.toMatchObject({ code: 'matrix-four-eyes' });
    await store().reject(2, 'anne', 'somebody else is to look at it');
    await round();
    commit(csv('by Zoé alone'), 'Anew');
    await round();
    expect((await store().approve(3, 'anne')).version).toBe(3);
  });

  test('a commit with faults is told with line and column, once', async () => {
    const { heard, round } = worker();
    git('init', '--quiet');
    commit(csv('a', 'ghosts'), 'Oops');
    await round();
    await round();
    expect(await store().versions()).toEqual([]);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toContain('• line 2, segment_id: no segment of this key is live');
  });
});

describe('the weekly review', () => {
  const monday = new Date('2026-07-06T07:00:00Z');
  const days = (n: number): Date => new Date(monday.getTime() + n * 86_400_000);
  const touched = (at: Date) => database.db.app`
    update persona_matrix_versions set decided_at = ${at}, told_at = ${at}, decision_told_at = ${at}, published_at = ${at}`;

  test('is reminded of once a week, by one worker', async () => {
    const { heard, round } = worker();
    await round(days(1));
    expect(heard).toEqual([]);
    await putMatrix(database.db.app, csv('a'));
    await touched(days(-8));
    await round(new Date(monday.getTime() - 1_000));
    expect(heard).toEqual([]);
    await Promise.all([round(monday), round(monday), round(days(1))]);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toContain('Version 1 was last changed or confirmed on 2026-06-28');
  });

  test('is not reminded of where somebody changed or confirmed the matrix in the week before', async () => {
    const { heard, round } = worker();
    await putMatrix(database.db.app, csv('a'));
    await touched(days(-3));
    await round(monday);
    await touched(days(-20));
    await store().reviewed('anne', 'as it is');
    await database.db.app`update persona_matrix_reviews set reviewed_at = ${days(-6)}`;
    await round(days(3));
    expect(heard).toEqual([]);
    await round(days(7));
    expect(heard).toHaveLength(1);
  });
});
