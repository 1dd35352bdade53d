import { describe, expect, it } from 'vitest';
import { synthesizePlatform } from '../support/synthesized-platform.ts';

/** The only actions allowed on every resource, and why no narrower resource can be named. */
const ACTIONS_WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'X-Ray knows no resources',
  'xray:PutTelemetryRecords': 'X-Ray knows no resources',
  'xray:GetSamplingRules': 'X-Ray knows no resources',
  'xray:GetSamplingTargets': 'X-Ray knows no resources',
  'dynamodb:ListStreams': 'event source mappings list streams; it reads none of them',
  'logs:CreateLogDelivery': 'log delivery of a state machine has no resource',
  'logs:GetLogDelivery': 'log delivery of a state machine has no resource',
  'logs:UpdateLogDelivery': 'log delivery of a state machine has no resource',
  'logs:DeleteLogDelivery': 'log delivery of a state machine has no resource',
  'logs:ListLogDeliveries': 'log delivery of a state machine has no resource',
  'logs:PutResourcePolicy': 'resource policies of CloudWatch Logs have no resource',
  'logs:DescribeResourcePolicies': 'resource policies of CloudWatch Logs have no resource',
  'logs:DescribeLogGroups': 'listing log groups has no resource',
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
}

const { resources } = synthesizePlatform();

const statements = resources
  .filter(({ Type }) => /^AWS::IAM::(Policy|ManagedPolicy|Role)$/.test(Type))
  .flatMap(({ name, Properties }) => {
    const documents = [Properties.PolicyDocument, ...inlineDocuments(Properties.Policies)];
    return documents
      .filter(Boolean)
      .flatMap((document) =>
        (document as { Statement: Statement[] }).Statement.map((statement) => ({ name, statement })),
      );
  })
  .filter(({ statement }) => statement.Effect === 'Allow');

describe('permissions', () => {
  it('name their actions in full', () => {
    const broad = statements
      .flatMap(({ name, statement }) => [statement.Action].flat().map((action) => ({ name, action })))
      .filter(({ action }) => action.includes('*'));

    expect(broad).toEqual([]);
  });

  it('reach every resource only where no narrower one can be named', () => {
    const broad = statements
      .filter(({ statement }) => [statement.Resource].flat().includes('*'))
      .flatMap(({ name, statement }) => [statement.Action].flat().map((action) => ({ name, action })))
      .filter(({ action }) => !(action in ACTIONS_WITHOUT_RESOURCE));

    expect(broad).toEqual([]);
  });

  it('come from the platform, not from policies that AWS may widen', () => {
    const managed = resources
      .filter(({ Type }) => Type === 'AWS::IAM::Role')
      .filter(({ Properties }) => Properties.ManagedPolicyArns !== undefined);

    expect(managed.map(({ name }) => name)).toEqual([]);
  });
});

function inlineDocuments(policies: unknown): unknown[] {
  return Array.isArray(policies) ? policies.map(({ PolicyDocument }) => PolicyDocument) : [];
}
