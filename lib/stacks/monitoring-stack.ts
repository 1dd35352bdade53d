import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Monitoring } from '../capabilities/monitoring.ts';
import { Retraining } from '../capabilities/retraining.ts';
import { importGateway } from '../constructs/gateway-import.ts';
import { StateReference } from '../constructs/state-reference.ts';

/** Perennial's capture, drift, performance and renewal. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, { ...props, description: 'Perennial: capture, drift, performance, renewal' });
    const state = new StateReference(this, 'State');
    const gateway = importGateway(this);
    new Monitoring(this, 'Monitoring', { state, gateway });
    new Retraining(this, 'Retraining', { state, gateway });
  }
}
