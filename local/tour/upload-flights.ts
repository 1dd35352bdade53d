import { waitUntil } from '../../sdk/index.ts';
import { type Flight, toCsv } from './flight.ts';
import { hold } from './step-log.ts';
import type { TourContext } from './tour-context.ts';

/** Uploads flights as the next version of the tour's dataset and waits until it is READY. */
export async function uploadFlights({ as, names }: TourContext, flights: readonly Flight[]) {
  const params = { name: names.dataset };
  const bytes = Buffer.from(toCsv(flights));
  const upload = await as.scientist.datasets.createDatasetUpload({
    params,
    body: { files: [{ path: 'flights.csv', bytes: bytes.byteLength }] },
  });
  const target = upload.targets[0];
  hold(target !== undefined, 'The platform gave no target for the upload.');
  const response = await fetch(target.url, { method: 'PUT', headers: target.headers, body: bytes });
  hold(response.ok, `The upload ended with ${response.status}.`);
  const { version } = await as.scientist.datasets.createDatasetVersion({
    params,
    body: { source: { kind: 'upload', uploadId: upload.id } },
  });
  const ready = await waitUntil(
    () => as.viewer.datasets.getDatasetVersion({ params: { ...params, v: String(version) } }),
    ({ status }) => status === 'READY' || status === 'REFUSED',
    { timeoutSeconds: 120, intervalSeconds: 0.5 },
  );
  hold(ready.status === 'READY', `The dataset version was refused: ${ready.reasons.join(' ')}`);
  return ready;
}
