import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Deployment } from '../capabilities/deployment.ts';
import { importGateway } from '../constructs/gateway-import.ts';
import { StateReference } from '../constructs/state-reference.ts';

/** Perennial's endpoints and rollouts. */
export class DeploymentStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, { ...props, description: 'Perennial: endpoints and rollouts' });
    const state = new StateReference(this, 'State');
    new Deployment(this, 'Deployment', { state, gateway: importGateway(this) });
  }
}
