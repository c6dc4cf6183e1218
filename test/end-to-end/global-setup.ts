/** Starts one copy of the whole service for all end-to-end tests, and tells them where it is (`running.ts`). */
import { rmSync } from 'node:fs';
import { prepareCopy } from './copy.ts';

export async function setup(): Promise<() => Promise<void>> {
  const copy = await prepareCopy('end-to-end', 5500);
  const end = async () => {
    await copy.end();
    rmSync(copy.home, { recursive: true, force: true });
  };
  try {
    const status = await copy.start();
    process.env.MEMBERSHIP_TEST_COPY = JSON.stringify({ home: copy.home, basePort: copy.basePort, status });
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}
