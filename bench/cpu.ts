import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second. */
const TICK_SECONDS = 0.01;

interface Used {
  readonly parent: number;
  readonly seconds: number;
}

/** CPU time of a process and of its children, ended ones included. NaN where there is no /proc. */
export function cpuSecondsOf(pid: number): number {
  try {
    const own = read(pid);
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          return [read(Number(name))];
        } catch {
          return []; // It ended meanwhile.
        }
      })
      .filter(({ parent }) => parent === pid);
    return children.reduce((sum, child) => sum + child.seconds, own.seconds);
  } catch {
    return NaN;
  }
}

/** proc_pid_stat(5): after the name in brackets come state, parent … utime, stime, cutime, cstime. */
function read(pid: number): Used {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), seconds: ticks * TICK_SECONDS };
}
