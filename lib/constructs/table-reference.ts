import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem'];
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'];

/** A table of the State stack as other stacks see it: its name, and grants without wildcards in actions. */
export class TableReference {
  readonly tableName: string;
  readonly tableArn: string;

  constructor(scope: Construct, tableName: string) {
    this.tableName = tableName;
    this.tableArn = Stack.of(scope).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: tableName,
    });
  }

  /** Get, query, and condition checks, indexes included; no scan. */
  grantRead(grantee: IGrantable): void {
    this.#grant(grantee, READ);
  }

  /** What grantRead gives, and put, update, delete. */
  grantReadWrite(grantee: IGrantable): void {
    this.#grant(grantee, [...READ, ...WRITE]);
  }

  #grant(grantee: IGrantable, actions: string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions, resources: [this.tableArn, `${this.tableArn}/index/*`] }),
    );
  }
}
