import { Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { installationOf } from '../config/installation.ts';

/** The stack (or capability) that publishes a value, and the value's kebab-case name. */
export type SharedName = `${string}/${string}`;

/** `/perennial/<installation>/<owner>/<name>`: where stacks, scripts and functions find a shared value. */
export function parameterName(scope: Construct, name: SharedName): string {
  return `/perennial/${installationOf(scope).installation}/${name}`;
}

/** Publishes a value for other stacks: an SSM parameter, because an export could never change again. */
export function publishValue(scope: Construct, name: SharedName, value: string): StringParameter {
  return new StringParameter(scope, `Shared:${name.replace('/', ':')}`, {
    parameterName: parameterName(scope, name),
    stringValue: value,
  });
}

/** Reads, at deploy time, a value that another stack published; the same parameter is read once a stack. */
export function readValue(scope: Construct, name: SharedName): string {
  return StringParameter.valueForStringParameter(Stack.of(scope), parameterName(scope, name));
}
