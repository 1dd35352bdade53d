import { Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { ACCEPTED_FINDINGS, HouseChecks } from '../../lib/config/house-checks.ts';
import { makePlatform } from '../../lib/platform.ts';
import { makeTestApp } from '../support/synthesized-platform.ts';

describe('the house checks', () => {
  it('find nothing in the platform', () => {
    const app = makeTestApp();
    makePlatform(app);

    const { violations } = new HouseChecks(app).validateScope(app);

    expect(
      violations.map(({ ruleName, violatingResources }) => ({
        ruleName,
        where: violatingResources.map(({ constructPath }) => constructPath),
      })),
    ).toEqual([]);
  });

  it('refuse a bucket without encryption in transit', () => {
    const app = makeTestApp();
    new Bucket(new Stack(app, 'Careless'), 'Bucket');

    const { success } = new HouseChecks(app).validateScope(app);

    expect(success).toBe(false);
  });

  it('give a reason for each finding that is accepted', () => {
    expect(ACCEPTED_FINDINGS.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});
