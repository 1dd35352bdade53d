import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

export interface RetainedTableProps {
  /** Streams new images, for the relay of events. @default false */
  readonly stream?: boolean;
  /** Items may disappear after `expiresAt`. @default false */
  readonly expiring?: boolean;
}

/** A table that outlives its stack: kept on update, delete and replacement, and restorable to any second. */
export class RetainedTable extends Table {
  constructor(scope: Construct, id: string, props: RetainedTableProps = {}) {
    super(scope, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...(props.stream ? { stream: StreamViewType.NEW_IMAGE } : {}),
      ...(props.expiring ? { timeToLiveAttribute: 'expiresAt' } : {}),
    });
    this.addGlobalSecondaryIndex({
      indexName: 'lists',
      partitionKey: { name: 'list', type: AttributeType.STRING },
      sortKey: { name: 'listSort', type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
  }
}
