import { CfnResource } from 'aws-cdk-lib';
import { CfnEventBus } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { installationOf } from '../config/installation.ts';

/** A principal with the tag `perennial:tenant` may ask for its tenant; without the tag the source is nobody's. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: an IAM policy variable.
const TENANT_SOURCE = "perennial.tenant.${aws:PrincipalTag/perennial:tenant, '-'}";

/**
 * The platform's own bus, where only the relay may put, and the requests bus, where a principal may put only
 * events whose `source` is `perennial.tenant.<its tenant>`. Both are explicit denials: they hold against
 * identities of the account that may put events anywhere.
 */
export class EventBuses extends Construct {
  readonly platformBusName: string;
  readonly requestBusName: string;
  /** The role of the functions that relay events; made here because the bus policy names it. */
  readonly relayRole: Role;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.relayRole = new Role(this, 'RelayRole', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Relays committed events to the platform bus',
    });
    this.platformBusName = this.#addBus('Platform', {
      ArnNotEquals: { 'aws:PrincipalArn': this.relayRole.roleArn },
    });
    this.requestBusName = this.#addBus('Requests', {
      // One call can put several events, so the key has several values: none may be another tenant's.
      'ForAnyValue:StringNotEquals': { 'events:source': TENANT_SOURCE },
    });
  }

  /** A bus needs a name in CloudFormation; the installation's prefix lets two live in one account. */
  #addBus(id: 'Platform' | 'Requests', deniedWhen: Record<string, Record<string, string>>): string {
    const name = `${installationOf(this).installation}-${id.toLowerCase()}`;
    const bus = new CfnEventBus(this, id, { name });
    // Not CfnEventBusPolicy, which warns about a property that is not used here.
    new CfnResource(this, `${id}Policy`, {
      type: 'AWS::Events::EventBusPolicy',
      properties: {
        EventBusName: bus.ref,
        StatementId: 'OnlyWhoMayPut',
        Statement: {
          Effect: 'Deny',
          Principal: '*',
          Action: 'events:PutEvents',
          Resource: bus.attrArn,
          Condition: deniedWhen,
        },
      },
    });
    return bus.ref;
  }
}
