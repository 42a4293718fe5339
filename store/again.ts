import postgres from 'postgres';

const ATTEMPTS = 3;

/** A deadlock or a lost race is over once it is told. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof postgres.PostgresError && ['40P01', '40001'].includes(error.code);
      if (!passes || attempt === ATTEMPTS) throw error;
    }
  }
}
