import { type Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { installationOf } from './config/installation.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { DeploymentStack } from './stacks/deployment-stack.ts';
import { MonitoringStack } from './stacks/monitoring-stack.ts';
import { StateStack } from './stacks/state-stack.ts';
import { TrainingStack } from './stacks/training-stack.ts';

/** In the order of deployment: each reads what those before it published. */
const STACKS = {
  State: StateStack,
  Api: ApiStack,
  Training: TrainingStack,
  Deployment: DeploymentStack,
  Monitoring: MonitoringStack,
};

/** All stacks of an installation; `scope` is the app, or a stage of a team's own. */
export function makePlatform(scope: Construct): Stack[] {
  const { installation } = installationOf(scope);
  const stacks: Stack[] = [];
  for (const [name, StackClass] of Object.entries(STACKS)) {
    const stack = new StackClass(scope, `${installation}-${name}`);
    Tags.of(stack).add('perennial:installation', installation);
    for (const earlier of stacks) stack.addStackDependency(earlier);
    stacks.push(stack);
  }
  return stacks;
}
