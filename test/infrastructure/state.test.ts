import { describe, expect, it } from 'vitest';
import { synthesizePlatform } from '../support/synthesized-platform.ts';

const { resources } = synthesizePlatform();
const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
const tables = ofType('AWS::DynamoDB::Table');
const buckets = ofType('AWS::S3::Bucket');

describe('state', () => {
  it.each([...tables, ...buckets, ...ofType('AWS::KMS::Key')])(
    'keeps $name on update, delete and replacement',
    ({ DeletionPolicy, UpdateReplacePolicy }) => {
      expect(DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(UpdateReplacePolicy).toBe('Retain');
    },
  );

  it('lives in the State stack alone', () => {
    expect([...tables, ...buckets].filter(({ stack }) => stack !== 'State')).toEqual([]);
  });

  it.each(tables)('encrypts $name, restores it to any second and protects it from deletion', (table) => {
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });

  it('streams only the table whose events are relayed', () => {
    const streaming = tables.filter(({ Properties }) => Properties.StreamSpecification !== undefined);

    expect(streaming.map(({ logicalId }) => logicalId)).toEqual([expect.stringContaining('PlatformTable')]);
  });

  it.each(buckets)('keeps $name private and encrypted', ({ Properties }) => {
    expect(Properties).toMatchObject({
      BucketEncryption: expect.anything(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it.each(buckets)('refuses plain HTTP to $name', ({ logicalId }) => {
    const policies = ofType('AWS::S3::BucketPolicy').map(({ Properties }) => Properties);

    expect(policies).toContainEqual(
      expect.objectContaining({
        Bucket: { Ref: logicalId },
        PolicyDocument: expect.objectContaining({
          Statement: expect.arrayContaining([
            expect.objectContaining({
              Effect: 'Deny',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
          ]),
        }),
      }),
    );
  });

  it('writes the audit once', () => {
    const audit = buckets.find(({ logicalId }) => logicalId.startsWith('AuditBucket'));

    expect(audit?.Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } },
      },
    });
  });

  it('forgets parts of unfinished uploads after a week, and deleted artifacts after a month', () => {
    const artifacts = buckets.find(({ logicalId }) => logicalId.startsWith('ArtifactBucket'));
    const { Rules } = artifacts!.Properties.LifecycleConfiguration as { Rules: unknown[] };

    expect(Rules).toEqual([
      {
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        ExpiredObjectDeleteMarker: true,
        Status: 'Enabled',
      },
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
    ]);
  });

  it('keeps every version of a layer, since endpoints go on using the one they were made with', () => {
    const layers = ofType('AWS::Lambda::LayerVersion');

    expect(layers.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(layers.map(() => 'Retain'));
    expect(layers.length).toBeGreaterThan(0);
  });

  it('names nothing but parameters, stacks and what AWS demands a name for', () => {
    const named = resources.filter(({ Properties }) =>
      ['TableName', 'BucketName', 'FunctionName', 'RoleName', 'QueueName', 'StateMachineName', 'LogGroupName']
        // A permission or mapping has the function's name as its target, not as its own.
        .some((key) => typeof Properties[key] === 'string'),
    );

    expect(named.map(({ name }) => name)).toEqual([]);
  });
});

describe('the event buses', () => {
  const statementOf = (bus: string) =>
    ofType('AWS::Events::EventBusPolicy').find(({ logicalId }) => logicalId.includes(bus))?.Properties
      .Statement;

  it('let only the relay put on the platform bus', () => {
    expect(statementOf('Platform')).toMatchObject({
      Effect: 'Deny',
      Action: 'events:PutEvents',
      Principal: '*',
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': expect.anything() } },
    });
  });

  it('tie the source of a request to the tenant that its principal is tagged with', () => {
    expect(statementOf('Requests')).toMatchObject({
      Effect: 'Deny',
      Condition: {
        'ForAnyValue:StringNotEquals': {
          'events:source': expect.stringContaining('aws:PrincipalTag/perennial:tenant'),
        },
      },
    });
  });
});
