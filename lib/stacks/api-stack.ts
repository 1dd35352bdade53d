import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Access } from '../capabilities/access.ts';
import { Governance } from '../capabilities/governance.ts';
import { Registry } from '../capabilities/registry.ts';
import { Tracking } from '../capabilities/tracking.ts';
import { publishValue } from '../constructs/shared-value.ts';
import { StateReference } from '../constructs/state-reference.ts';

/** The HTTP API, and the capabilities that are no more than their API. */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, { ...props, description: 'Perennial: HTTP API, identity, registry, tracking, audit' });
    const state = new StateReference(this, 'State');
    const { gateway } = new Access(this, 'Access', { state });
    new Governance(this, 'Governance', { state, gateway });
    new Tracking(this, 'Tracking', { state, gateway });
    new Registry(this, 'Registry', { state, gateway });
    publishValue(this, 'api/http-api-id', gateway.httpApiId);
    publishValue(this, 'api/authorizer-id', gateway.authorizerId);
    publishValue(this, 'api/url', gateway.url);
    new CfnOutput(this, 'ApiUrl', { value: gateway.url });
  }
}
