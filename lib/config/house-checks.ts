import { type App, type PolicyValidationPluginReport, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** Findings that are no flaws here, each with its reason; `finding` matches rule and detail. */
export const ACCEPTED_FINDINGS: readonly { readonly finding: RegExp; readonly reason: string }[] = [
  {
    finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    reason:
      'X-Ray segments and log delivery take no resource; test/infrastructure lists the only actions allowed on *.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*:table\/[^*]*\/index\/\*\]$/,
    reason: 'The indexes of one table.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*:s3:::[^*]*\/(tenants\/\*\/[a-z]+\/)?[^*]*\*\]$/,
    reason: 'The keys below a prefix of one bucket, or below one folder of every tenant.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*:(function:[a-z0-9-]+-ep-|role\/[a-z0-9-]+-tenant-)\*\]$/,
    reason: "What the platform makes at run time, told apart by the installation's prefix.",
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*:\/apis\/[^*]*\/(integrations|routes)\/\*\]$/,
    reason: 'Integrations and routes of endpoints on one HTTP API; API Gateway gives them their ids.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*:log-group:[^*]*:(log-stream:)?\*\]$/,
    reason: 'The streams of one log group; Lambda names them.',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*:states:[^*]*:execution:[^*]*:\*\]$/,
    reason: 'The executions of one state machine; each is named after what it runs.',
  },
  {
    finding: /^AwsSolutions-S1$/,
    reason:
      'CloudTrail data events tell who touched an object, without a bucket of access logs to pay and erase.',
  },
];

/** cdk-nag's AWS Solutions rules, less the accepted findings. */
export class HouseChecks extends AwsSolutionsChecks {
  override validateScope(scope: IConstruct): PolicyValidationPluginReport {
    const report = super.validateScope(scope);
    const violations = report.violations.filter(
      ({ ruleName }) => !ACCEPTED_FINDINGS.some(({ finding }) => finding.test(ruleName)),
    );
    return { ...report, violations, success: violations.length === 0 };
  }
}

/** A finding that is not accepted fails the synth with the construct's path. */
export function addHouseChecks(app: App): void {
  Validations.of(app).addPlugins(new HouseChecks(app));
}
