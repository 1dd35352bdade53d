import {
  type Resource,
  resolveText,
  type SynthesizedPlatform,
} from '../../test/support/synthesized-platform.ts';

/** Resources that cost nothing while nobody uses them, or whose price is that of the data in them. */
const FREE_WHEN_IDLE =
  /^AWS::(ApiGatewayV2|IAM|SSM|Logs|S3|Events|DynamoDB|StepFunctions|KinesisFirehose)::|^AWS::SQS::Queue|^AWS::Lambda::(Function|LayerVersion|Permission|EventInvokeConfig|EventSourceMapping|Version|Alias)$/;
const PRICED = /^AWS::(KMS::Key|CloudWatch::Alarm|CloudWatch::Dashboard|SecretsManager::Secret)$/;

/** @throws Error for a resource type that nobody has looked up the price of: the sum would be wrong in silence */
export function requirePricedTypes({ resources }: SynthesizedPlatform): void {
  const unknown = resources
    .map(({ Type }) => Type)
    .filter((type) => !FREE_WHEN_IDLE.test(type) && !PRICED.test(type));
  if (unknown.length === 0) return;
  throw new Error(
    `bench/cost/templates.ts does not know what these cost: ${[...new Set(unknown)].join(', ')}`,
  );
}

export function count({ resources }: SynthesizedPlatform, type: string): number {
  return resources.filter(({ Type }) => Type === type).length;
}

/** Queues that Lambda asks for messages, day and night; a stream's mapping has a position to start from. */
export function countPolledQueues({ resources }: SynthesizedPlatform): number {
  return resources
    .filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
    .filter(({ Properties }) => Properties.StartingPosition === undefined).length;
}

/** The one resource of a type. */
export function only({ resources }: SynthesizedPlatform, type: string): Resource {
  const found = resources.filter(({ Type }) => Type === type);
  if (found.length !== 1) throw new Error(`The templates have ${found.length} of ${type}, not one.`);
  return found[0]!;
}

export interface FunctionSize {
  readonly memoryGb: number;
  readonly temporaryGb: number;
  readonly traced: boolean;
}

export function sizeOf({ Properties }: Pick<Resource, 'Properties'>): FunctionSize {
  const { MemorySize, EphemeralStorage, TracingConfig } = Properties as {
    MemorySize?: number;
    EphemeralStorage?: { Size: number };
    TracingConfig?: { Mode: string };
  };
  return {
    memoryGb: (MemorySize ?? 128) / 1024,
    temporaryGb: Math.max(0, (EphemeralStorage?.Size ?? 512) - 512) / 1024,
    traced: TracingConfig?.Mode === 'Active',
  };
}

export function functionOf({ functions }: SynthesizedPlatform, entry: string): FunctionSize {
  const found = functions.find((made) => made.entry === entry);
  if (found === undefined) throw new Error(`The templates have no function of ${entry}.`);
  return sizeOf(found);
}

/** The functions that run by themselves, and how often. */
export function scheduledRuns(platform: SynthesizedPlatform): { size: FunctionSize; minutes: number }[] {
  return platform.resources.flatMap(({ Type, Properties, stack }) => {
    const { ScheduleExpression, Targets = [] } = Properties as {
      ScheduleExpression?: string;
      Targets?: { Arn: { 'Fn::GetAtt': [string, string] } }[];
    };
    if (Type !== 'AWS::Events::Rule' || ScheduleExpression === undefined) return [];
    return Targets.map(({ Arn }) => {
      const target = platform.resources.find(
        (other) => other.stack === stack && other.logicalId === Arn['Fn::GetAtt'][0],
      );
      if (target === undefined) throw new Error(`The target of a schedule in ${stack} is in no template.`);
      return { size: sizeOf(target), minutes: toMinutes(ScheduleExpression) };
    });
  });
}

function toMinutes(expression: string): number {
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (amount === undefined) throw new Error(`No reader for the schedule ${expression}.`);
  return Number(amount) * { minute: 1, hour: 60, day: 1440 }[unit as 'minute' | 'hour' | 'day'];
}

/** Length of one access log line, each variable with a value of usual length. */
export function accessLogBytes(platform: SynthesizedPlatform): number {
  const { AccessLogSettings } = only(platform, 'AWS::ApiGatewayV2::Stage').Properties as {
    AccessLogSettings: { Format: unknown };
  };
  return resolveText(AccessLogSettings.Format).replace(/\$context\.[\w.]+/g, sampleValue).length;
}

function sampleValue(variable: string): string {
  if (/error/i.test(variable)) return '-';
  if (/requestId$/.test(variable)) return 'x'.repeat(16);
  if (/actor$/.test(variable)) return 'x'.repeat(30);
  if (/routeKey$/.test(variable)) return 'x'.repeat(40);
  return 'x'.repeat(/Time|tenant/.test(variable) ? 13 : 3);
}
