import type { SynthesizedPlatform } from '../../test/support/synthesized-platform.ts';
import { ASSUMED } from './assumptions.ts';
import { type Costs, costOfRun, costOfRunLogs } from './idle.ts';
import { GIGABYTE, PRICES } from './prices.ts';
import { accessLogBytes, functionOf, only } from './templates.ts';

const MILLION = 1_000_000;

/** How endpoints are made, as the deployer makes them. */
export interface EndpointSettings {
  readonly memoryMb: number;
  readonly platformLogs: boolean;
}

export interface Traffic {
  readonly requestsPerSecond: number;
  readonly environments: number;
}

/** What a million predictions of one row and ten features cost, by what is paid for. */
export function costOfMillion(
  platform: SynthesizedPlatform,
  endpoint: EndpointSettings,
  traffic: Traffic,
): Costs {
  const seconds = MILLION / traffic.requestsPerSecond;
  return {
    'HTTP API': PRICES.httpApiPerMillion,
    ...costOfServing(endpoint, traffic, seconds),
    ...costOfLogs(platform, endpoint),
    ...costOfCapture(platform, traffic, seconds),
    ...costOfAuthorizer(platform, seconds),
  };
}

function costOfServing({ memoryMb }: EndpointSettings, { environments }: Traffic, seconds: number): Costs {
  const size = { memoryGb: memoryMb / 1024, temporaryGb: 0, traced: false };
  const starts = (environments * seconds) / (ASSUMED.environmentHours * 3600);
  return {
    serving: MILLION * costOfRun(size, ASSUMED.predictionMs),
    'model loading': starts * (ASSUMED.initMs / 1000) * size.memoryGb * PRICES.lambdaPerGbSecond,
  };
}

function costOfLogs(platform: SynthesizedPlatform, { platformLogs }: EndpointSettings): Costs {
  const logged = (bytes: number) =>
    ((MILLION * (bytes + ASSUMED.eventOverheadBytes)) / GIGABYTE) * PRICES.logsPerGb;
  return {
    'capture lines': logged(ASSUMED.captureBytes),
    'platform lines': platformLogs ? MILLION * costOfRunLogs() : 0,
    'access log': logged(accessLogBytes(platform)),
  };
}

/** From the log to windows and rows. */
function costOfCapture(platform: SynthesizedPlatform, traffic: Traffic, seconds: number): Costs {
  const eventsPerFlush =
    (traffic.requestsPerSecond / traffic.environments) * ASSUMED.subscriptionFlushSeconds;
  const records = MILLION / Math.max(1, eventsPerFlush);
  const objects = landedObjects(platform, seconds);
  const sketch = functionOf(platform, 'monitoring/sketch-captures');
  const runMs = ASSUMED.sketchMs + (MILLION / objects) * ASSUMED.sketchMsPerLine;
  const stored = (MILLION * (ASSUMED.landedBytes + ASSUMED.rowBytes)) / GIGABYTE;
  const writes = objects * ASSUMED.windowsPerObject * ASSUMED.writeUnitsPerWindow;
  return {
    Firehose: ((records * 5 * 1024) / GIGABYTE) * PRICES.firehosePerGb,
    // The landed object, and the rows made of it.
    'S3 requests': (objects / 1000) * (2 * PRICES.s3PutPerThousand + PRICES.s3GetPerThousand),
    'S3 storage': stored * PRICES.s3PerGbMonth * (retentionDays(platform) / 30),
    queue: ((3 * objects) / 1e6) * PRICES.sqsPerMillion,
    sketching: objects * (costOfRun(sketch, runMs) + costOfRunLogs() + costOfTrace(sketch.traced)),
    windows: (writes / 1e6) * PRICES.dynamoWritePerMillion,
  };
}

/** One caller, whose token is looked at once for each time that the gateway keeps the answer. */
function costOfAuthorizer(platform: SynthesizedPlatform, seconds: number): Costs {
  const { AuthorizerResultTtlInSeconds: kept } = only(platform, 'AWS::ApiGatewayV2::Authorizer')
    .Properties as {
    AuthorizerResultTtlInSeconds: number;
  };
  const size = functionOf(platform, 'access/authorize-request');
  const each = costOfRun(size, ASSUMED.authorizerMs) + costOfRunLogs() + costOfTrace(size.traced);
  return { authorizer: (seconds / kept) * (each + PRICES.dynamoReadPerMillion / 1e6) };
}

/** Rare requests are traced one and all: the sampling rule takes the first of each second. */
function costOfTrace(traced: boolean): number {
  return traced ? PRICES.tracesPerMillion / 1e6 : 0;
}

function landedObjects(platform: SynthesizedPlatform, seconds: number): number {
  const { ExtendedS3DestinationConfiguration } = only(platform, 'AWS::KinesisFirehose::DeliveryStream')
    .Properties as {
    ExtendedS3DestinationConfiguration: { BufferingHints: { IntervalInSeconds: number; SizeInMBs: number } };
  };
  const { IntervalInSeconds, SizeInMBs } = ExtendedS3DestinationConfiguration.BufferingHints;
  const bySize = (MILLION * ASSUMED.landedBytes) / (SizeInMBs * 1024 ** 2);
  return Math.max(seconds / Math.max(1, IntervalInSeconds), bySize);
}

function retentionDays({ resources }: SynthesizedPlatform): number {
  const captures = resources.find(({ name }) => name.startsWith('State/CaptureBucket'));
  const { LifecycleConfiguration } = (captures?.Properties ?? {}) as {
    LifecycleConfiguration?: { Rules: { ExpirationInDays?: number }[] };
  };
  return LifecycleConfiguration?.Rules.find((rule) => rule.ExpirationInDays)?.ExpirationInDays ?? 365;
}
