import type { RunTour } from '../tour-runner.ts';
import { describeTour } from './closing-summary.ts';
import { findStorm, leaveItToThePlatform } from './find-drift.ts';
import type { Flight } from './flight.ts';
import { type FlightArchive, openFlightArchive, type Period } from './flight-archive.ts';
import { changeUnit, registerCandidates, rollOutBrokenVersion } from './inject-faults.ts';
import { watchPromotion, watchRenewal } from './renew-model.ts';
import { rollOutVersion, type ServedEndpoint } from './roll-out-version.ts';
import { StepLog } from './step-log.ts';
import { makeTourContext, type TourContext } from './tour-context.ts';
import { prepareModel, serveVersion, trainVersion } from './train-versions.ts';
import { uploadFlights } from './upload-flights.ts';

/**
 * The parts of 2001 that the tour uses, in their order. Five calm weeks of spring are what June is compared
 * with: against the winter, whose storms were as bad, the days from 12 June would be nothing new.
 */
const PERIODS = {
  winter: { from: '01-01', to: '04-01', oneIn: 24 },
  spring: { from: '04-16', to: '05-21', oneIn: 8 },
  calm: { from: '05-26', to: '06-01', oneIn: 4 },
  storm: { from: '06-12', to: '06-17', oneIn: 2 },
  after: { from: '06-17', to: '07-01', oneIn: 4 },
} as const satisfies Record<string, Period>;

type Flights = Readonly<Record<keyof typeof PERIODS, readonly Flight[]>>;

/** From three months of flights to a model that the platform renewed by itself. */
export const runTour: RunTour = async (cloud, { resultFile }) => {
  const log = new StepLog((text) => console.log(text));
  try {
    const context = await makeTourContext(cloud, log);
    const endpoint = await tell(context);
    console.log(describeTour(context, endpoint, log));
  } catch (error) {
    console.error(`The tour stopped: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    await log.write(resultFile);
  }
  return log.held;
};

async function tell(context: TourContext): Promise<ServedEndpoint> {
  const { log } = context;
  const flights = await log.run('Read three million flights; delays as known at each departure', readPeriods);
  await log.run('Upload January to March as a dataset version', () => prepareModel(context, flights.winter));
  const spring = uploadFlights(context, flights.spring);
  spring.catch(() => {});
  const first = await log.run('Train, check, sign and approve version 1 (January to March)', (say) =>
    trainVersion(context, 1, 'The first months', say),
  );
  const endpoint = await log.run('Serve version 1 and call it over HTTP', (say) =>
    serveVersion(context, first.version, say),
  );
  await spring;
  const second = await log.run('Train version 2 (16 April to 20 May) against version 1', (say) =>
    trainVersion(context, 2, 'Spring has come', say),
  );
  const lines = [
    renew(context, endpoint, second.version, flights),
    injectFaults(context, second.version, flights),
  ];
  // Both lines are told to their end, whichever fails.
  for (const line of await Promise.allSettled(lines)) if (line.status === 'rejected') throw line.reason;
  return endpoint;
}

/** The main line: rollout, calm days, storm, drift, training, rollout. */
async function renew(context: TourContext, endpoint: ServedEndpoint, version: number, flights: Flights) {
  const { log } = context;
  await log.run('Roll version 2 out behind the weighted alias, judged minute by minute', (say) =>
    rollOutVersion(context, endpoint, version, flights.calm, say),
  );
  await log.run('Hand over: monitor, retraining policy, rollout on approval', () =>
    leaveItToThePlatform(context, endpoint),
  );
  const execution = await log.run(
    'Serve the storms of June; the platform finds them and starts a training',
    (say) => findStorm(context, endpoint, version, flights.storm, say),
  );
  const renewed = await log.run('The platform trains on what it saw itself', (say) =>
    watchRenewal(context, execution, say),
  );
  await log.run('The winner rolls out by itself', (say) =>
    watchPromotion(context, endpoint, renewed, flights.after, say),
  );
}

/** Beside the main line, on an endpoint of its own. */
async function injectFaults(context: TourContext, version: number, flights: Flights): Promise<void> {
  const { log } = context;
  const aside = 'fault │ ';
  const endpoint = await log.run(
    'Injected faults: register copies of version 2, one of them broken',
    (say) => registerCandidates(context, version, flights.calm, say),
    aside,
  );
  await log.run(
    'Injected fault 1: a candidate that fails is rolled back',
    (say) => rollOutBrokenVersion(context, endpoint, flights.calm, say),
    aside,
  );
  await log.run(
    'Injected fault 2: a changed unit is drift that no model may learn',
    (say) => changeUnit(context, endpoint, flights.calm.slice(-1000), say),
    aside,
  );
}

async function readPeriods(): Promise<{ value: Flights; evidence: Record<string, unknown> }> {
  const archive = await openFlightArchive();
  try {
    const value = await readAll(archive);
    const rows = Object.fromEntries(Object.entries(value).map(([name, { length }]) => [name, length]));
    return { value, evidence: { periods: PERIODS, rows } };
  } finally {
    archive.close();
  }
}

async function readAll(archive: FlightArchive): Promise<Flights> {
  const read: Partial<Record<keyof Flights, Flight[]>> = {};
  for (const name of Object.keys(PERIODS) as (keyof Flights)[])
    read[name] = await archive.read(PERIODS[name]);
  return read as Flights;
}
