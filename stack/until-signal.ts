import type { Log } from './tools';

/**
 * Listens for Ctrl-C and the like. `aborted` gives up what is being started; once told, the stop runs once, however
 * often the key is pressed. The exit code is the shell's for that signal.
 */
export function onStopSignal(stop: () => Promise<void>, log: Log): AbortSignal {
  const controller = new AbortController();
  let toldAt = 0;
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        // One Ctrl-C arrives twice when npm passes it on as well.
        if (Date.now() - toldAt > 1_000) log('Still stopping.');
        return;
      }
      toldAt = Date.now();
      log('Stopping.');
      controller.abort(new Error(`stopped by ${name}`));
      stop().then(
        () => process.exit(codes[name]),
        (fault: unknown) => {
          log(`Not everything could be stopped: ${fault instanceof Error ? fault.message : String(fault)}`);
          process.exit(1);
        },
      );
    });
  }
  return controller.signal;
}
