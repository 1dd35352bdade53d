import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until at least so many seconds of the present minute are left: windows are cut at full minutes. */
export async function waitForRoomInMinute(seconds: number): Promise<void> {
  const leftMs = 60_000 - (Date.now() % 60_000);
  if (leftMs < seconds * 1000) await sleep(leftMs + 200);
}
