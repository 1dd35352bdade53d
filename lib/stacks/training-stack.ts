import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Datasets } from '../capabilities/datasets.ts';
import { Training } from '../capabilities/training.ts';
import { importGateway } from '../constructs/gateway-import.ts';
import { StateReference } from '../constructs/state-reference.ts';

/** Perennial's datasets and training. */
export class TrainingStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, { ...props, description: 'Perennial: datasets and training' });
    const state = new StateReference(this, 'State');
    const gateway = importGateway(this);
    const { buildVersion } = new Datasets(this, 'Datasets', { state, gateway });
    new Training(this, 'Training', { state, gateway, buildVersion });
  }
}
