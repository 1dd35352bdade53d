import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Perennial's capture, drift, alerts, renewal. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, { ...props, description: 'Perennial: capture, drift, alerts, renewal' });
  }
}
