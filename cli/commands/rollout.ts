import type { Command } from 'commander';
import { waitUntil } from '../../sdk/index.ts';
import { makeCommandContext } from '../context.ts';
import { findNoun } from '../declared-commands.ts';
import { NegativeVerdict, UsageError } from '../errors.ts';
import { runJudgeStdio } from '../offline/judge-stdio.ts';
import { describeDecision, describeState } from '../rollout-view.ts';

/** `rollout watch` shows a rollout live; `rollout judge` runs the judge offline. */
export function addRolloutCommands(program: Command): void {
  const rollout = findNoun(program, 'rollout');
  rollout
    .command('watch')
    .description('Shows each decision of a rollout until it ends; exit 3 unless it was promoted')
    .argument('<id>')
    .option('--timeout <seconds>', 'how long to watch', Number, 24 * 3600)
    .action(watch);
  rollout
    .command('judge')
    .description('Runs the rollout judge on observations from stdin (docs/rollouts.md)')
    .option('--stdio', 'the line protocol')
    .action(async (flags: { stdio?: boolean }) => {
      if (flags.stdio !== true) throw new UsageError('rollout judge needs --stdio.');
      await runJudgeStdio(process.stdin, process.stdout);
    });
}

async function watch(id: string, flags: { timeout: number }, command: Command): Promise<void> {
  const { client, output } = makeCommandContext(command);
  const shown = new Set<string>();
  let state = '';
  const read = () => client().deployment.getRollout({ params: { id } });
  const rollout = await waitUntil(
    async () => {
      const current = await read();
      for (const decision of [...(current.decisions ?? [])].reverse()) {
        if (shown.has(decision.minute)) continue;
        shown.add(decision.minute);
        output.note(describeDecision(decision));
      }
      const now = describeState(current);
      if (now !== state && current.status !== 'COMPLETED') output.note(now);
      state = now;
      return current;
    },
    ({ status }) => status === 'COMPLETED',
    { timeoutSeconds: flags.timeout, intervalSeconds: 2 },
  );
  output.result(
    output.json ? rollout : { outcome: rollout.outcome, reason: rollout.reason, weight: rollout.weight },
  );
  if (rollout.outcome !== 'PROMOTED')
    throw new NegativeVerdict(`${rollout.outcome}: ${rollout.reason ?? 'no reason given'}`);
}
