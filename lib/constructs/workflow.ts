import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { installationOf } from '../config/installation.ts';

const STATE_MACHINES = join(import.meta.dirname, '../../statemachines');

export interface WorkflowProps {
  /** Name of the file in `statemachines/`, without `.asl.json`. */
  readonly definition: string;
  /**
   * Value of each `"${Placeholder}"` in the file. A function gives its ARN, and the workflow may invoke it;
   * text stands for itself, and its permissions are the caller's to add.
   */
  readonly bindings: Readonly<Record<string, LambdaFunction | string>>;
  /** @default no limit but Step Functions' one year */
  readonly timeoutHours?: number;
}

/** A state machine from `statemachines/`, with every placeholder bound and every step logged, without payloads. */
export class Workflow extends StateMachine {
  readonly definition: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    const text = readDefinition(props);
    super(scope, id, {
      definitionBody: DefinitionBody.fromString(text),
      definitionSubstitutions: toSubstitutions(props.bindings),
      tracingEnabled: true,
      ...(props.timeoutHours ? { timeout: Duration.hours(props.timeoutHours) } : {}),
      logs: {
        destination: new LogGroup(scope, `${id}Logs`, {
          retention: installationOf(scope).logRetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        // Payloads can hold a tenant's values, which must stay erasable.
        includeExecutionData: false,
      },
    });
    this.definition = props.definition;
    this.#allowInvoking(props.bindings);
  }

  #allowInvoking(bindings: WorkflowProps['bindings']): void {
    const functions = Object.values(bindings).filter((value) => value instanceof LambdaFunction);
    if (functions.length === 0) return;
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: functions.map((target) => target.functionArn),
      }),
    );
  }
}

/** The names of all placeholders in a definition. */
export function findPlaceholders(definition: string): string[] {
  return [...new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]!))];
}

function readDefinition({ definition, bindings }: WorkflowProps): string {
  const file = join(STATE_MACHINES, `${definition}.asl.json`);
  if (!existsSync(file)) throw new Error(`statemachines/${definition}.asl.json does not exist.`);
  const text = readFileSync(file, 'utf8');
  const placeholders = findPlaceholders(text);
  const unbound = placeholders.filter((name) => !(name in bindings));
  const unused = Object.keys(bindings).filter((name) => !placeholders.includes(name));
  if (unbound.length + unused.length > 0) {
    throw new Error(
      `statemachines/${definition}.asl.json: placeholders without a binding: ${unbound.join(', ') || 'none'}; ` +
        `bindings without a placeholder: ${unused.join(', ') || 'none'}.`,
    );
  }
  // Inline, so that the template shows what runs; without white space it stays far below the 1 MB limit.
  return JSON.stringify(JSON.parse(text));
}

function toSubstitutions(bindings: WorkflowProps['bindings']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(bindings).map(([name, value]) => [
      name,
      value instanceof LambdaFunction ? value.functionArn : value,
    ]),
  );
}
