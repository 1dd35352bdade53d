/** What vitest's JSON reporter tells of a suite. */
export interface SuiteReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  /** Files that failed before a test of theirs ran have no assertion results. */
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Adds up suites; its last line is `N passed, N failed`. */
export class RunSummary {
  passed = 0;
  failed = 0;
  readonly #suites: string[] = [];

  /** Adds a suite; one that failed without a failed test (coverage, a crash) counts as one failure. */
  add(suite: string, report: SuiteReport | undefined, exitStatus: number): void {
    const passed = report?.numPassedTests ?? 0;
    const brokenFiles = (report?.testResults ?? []).filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length;
    let failed = (report?.numFailedTests ?? 0) + brokenFiles;
    if (exitStatus !== 0 && failed === 0) failed = 1;
    const skipped = report?.numPendingTests ? `, ${report.numPendingTests} SKIPPED` : '';
    this.#suites.push(`${suite}: ${passed} passed, ${failed} failed${skipped}`);
    this.passed += passed;
    this.failed += failed;
  }

  lines(): string[] {
    return ['', ...this.#suites, `${this.passed} passed, ${this.failed} failed`];
  }
}
