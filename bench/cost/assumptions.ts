/** What templates cannot say: how long functions run and how large lines are. Estimates are on the high side. */
export const ASSUMED = {
  /** Billed time of a background function that finds nothing to do, warm; and of a start from nothing. */
  idleRunMs: 100,
  coldStartMs: 500,
  /** Lambda may take an environment away that nobody used for this long. */
  keptWarmMinutes: 4,
  /** Half a unit a query: four shards of the sweeper; tenants, endpoints, monitor and windows of an evaluation. */
  readUnitsPerRun: 4,
  /** `platform.start` and `platform.report` of one invocation in Lambda's JSON format, and what each event adds. */
  startBytes: 150,
  reportBytes: 250,
  eventOverheadBytes: 26,
  /** Lambda keeps five pollers on a queue, 20 seconds a poll. */
  queuePollsPerSecond: 5 / 20,
  /** Billed time of one warm prediction: the handler needs less than one, the runtime adds to it. */
  predictionMs: 2,
  /** Measured by `npm run bench -- serving-capture`, rounded up. */
  captureBytes: 250,
  /** Environments live a few hours; a start loads the model and checks its signature. */
  environmentHours: 2,
  initMs: 1000,
  /** A subscription gathers the events of a log stream for about this long. */
  subscriptionFlushSeconds: 1,
  /** A captured prediction after gzip: as it lands, and as a row. */
  landedBytes: 200,
  rowBytes: 100,
  /** Reading an object: fixed part, and for each of its lines. */
  sketchMs: 150,
  sketchMsPerLine: 0.02,
  /** An object's minute touches two windows; a sketch of ten features with its counts is below 4 KB. */
  windowsPerObject: 2,
  writeUnitsPerWindow: 4,
  authorizerMs: 50,
} as const;
