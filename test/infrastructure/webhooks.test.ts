import { describe, expect, it } from 'vitest';
import { WEBHOOK_DETAIL_TYPES } from '../../domain/registry/webhook-contract.ts';
import { installationSchema } from '../../lib/config/installation.ts';
import { synthesizePlatform } from '../support/synthesized-platform.ts';

const { resources, functions } = synthesizePlatform();
const isOurs = (text: unknown) => JSON.stringify(text).includes('WebhookDelivery');
const ofType = (type: string) =>
  resources.filter(({ Type, logicalId }) => Type === type && isOurs(logicalId));
const deliverWebhooks = functions.find(({ entry }) => entry === 'registry/deliver-webhooks')!;

describe('the delivery of webhooks', () => {
  it('takes from the platform bus what webhooks can be told, and nothing else', () => {
    expect(ofType('AWS::Events::Rule').map(({ Properties }) => Properties.EventPattern)).toEqual([
      { source: ['perennial.registry'], 'detail-type': [...WEBHOOK_DETAIL_TYPES] },
    ]);
  });

  it('lets only its rule put messages into the queue beside the function itself', () => {
    const statements = ofType('AWS::SQS::QueuePolicy').flatMap(
      ({ Properties }) => (Properties.PolicyDocument as { Statement: Record<string, unknown>[] }).Statement,
    );

    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toMatchObject([
      {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [expect.any(String), 'Arn'] } } },
      },
    ]);
  });

  it('hides a message six times as long as an attempt may take, and puts aside what fails five times', () => {
    const queue = ofType('AWS::SQS::Queue').find(({ Properties }) => Properties.RedrivePolicy !== undefined);

    expect(queue?.Properties).toMatchObject({
      VisibilityTimeout: 6 * Number(deliverWebhooks.Properties.Timeout),
      RedrivePolicy: { maxReceiveCount: 5 },
      SqsManagedSseEnabled: true,
    });
  });

  it('takes a bounded part of the concurrency of the account', () => {
    expect(ofType('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties)).toMatchObject([
      { ScalingConfig: { MaximumConcurrency: 5 }, FunctionResponseTypes: ['ReportBatchItemFailures'] },
    ]);
  });

  it('reads the key of secrets and cannot replace it', () => {
    const policies = resources
      .filter(({ Type }) => Type === 'AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties).includes('registry/webhook-key'))
      .map(({ Properties }) => JSON.stringify(Properties));

    const readers = policies.filter((policy) => !policy.includes('ssm:PutParameter'));
    expect(policies).toHaveLength(2);
    expect(readers).toHaveLength(1);
    expect(readers[0]).toContain('DeliverWebhooks');
  });

  it('reaches nothing private unless the installation says so', () => {
    const open = synthesizePlatform({ webhookReceivers: '["hooks.internal","10.0.0.0/8"]' });
    const variables = (platform: typeof open) =>
      platform.functions
        .map(({ Properties }) => (Properties.Environment as { Variables: Record<string, string> }).Variables)
        .flatMap(({ WEBHOOK_RECEIVERS }) => WEBHOOK_RECEIVERS ?? []);

    expect(variables(synthesizePlatform())).toEqual(['[]', '[]']);
    expect(new Set(variables(open))).toEqual(new Set(['["hooks.internal","10.0.0.0/8"]']));
  });
});

describe('the setting webhookReceivers', () => {
  const parse = (entry: string) => installationSchema.safeParse({ webhookReceivers: [entry] }).success;

  it.each(['localhost', 'hooks.corp.example', '10.0.0.0/8', '10.1.2.3', 'fd12::/16', '::1'])(
    'takes %s',
    (entry) => {
      expect(parse(entry)).toBe(true);
    },
  );

  it.each(['https://hooks', 'hooks:8443', 'hooks/8', '*.corp', ''])('refuses %j', (entry) => {
    expect(parse(entry)).toBe(false);
  });
});
