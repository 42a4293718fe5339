interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (answer: O) => void;
  readonly reject: (fault: unknown) => void;
}

/** Rows of one statement: enough that a commit is shared, few enough that nobody waits long for the others. */
const MOST = 250;

/**
 * Group commit: what comes in while a group is being written makes the next one, so that a thousand small writes a
 * second are some hundred transactions. Nobody waits for a group to fill, and each caller is answered once its own is
 * committed. `write` answers in the order it was asked and may be asked again: when a group of several fails each is
 * written by itself, so that one row that cannot be written fails nobody else's.
 */
export function grouped<I, O>(
  write: (items: readonly I[]) => Promise<readonly O[]>,
): (item: I) => Promise<O> {
  let waiting: Waiting<I, O>[] = [];
  let writing = false;

  const writeGroup = async (group: readonly Waiting<I, O>[]): Promise<void> => {
    try {
      const answers = await write(group.map((one) => one.item));
      if (answers.length !== group.length) throw new Error('a group was not answered one by one');
      answers.forEach((answer, i) => group[i]?.resolve(answer));
    } catch (fault) {
      if (group.length === 1) group[0]?.reject(fault);
      else for (const one of group) await writeGroup([one]);
    }
  };

  const drain = async (): Promise<void> => {
    writing = true;
    while (waiting.length > 0) {
      const group = waiting.slice(0, MOST);
      waiting = waiting.slice(MOST);
      await writeGroup(group);
    }
    writing = false;
  };

  return (item) =>
    new Promise<O>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!writing) void drain();
    });
}
