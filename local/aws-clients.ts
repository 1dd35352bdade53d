import { region } from './emulator-environment.ts';

/** Settings of an SDK client that calls the local cloud as the account's root. */
export function clientSettings(endpoint: string) {
  return { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}
