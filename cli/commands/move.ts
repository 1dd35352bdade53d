import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeCommandContext } from '../context.ts';
import { findNoun } from '../declared-commands.ts';
import { NegativeVerdict, UsageError } from '../errors.ts';
import { Journal } from '../mlflow/journal.ts';
import { MlflowServer } from '../mlflow/mlflow-server.ts';
import { type MoveReport, move, surveyMove } from '../mlflow/move.ts';
import { findOtherServer, type OtherServerFlags, trustAuthority } from '../mlflow/other-server.ts';
import { describeReport, describeSurvey } from '../mlflow/report.ts';
import { chooseShow } from '../mlflow/show-steps.ts';

interface MoveFlags extends OtherServerFlags {
  readonly from?: string;
  readonly to?: string;
  readonly caFile?: string;
  readonly experiments?: readonly string[];
  readonly models?: readonly string[];
  readonly artifacts: boolean;
  readonly concurrency: number;
  readonly journal?: string;
  readonly recheck?: boolean;
  readonly dryRun?: boolean;
}

/** `import mlflow` and `export mlflow`: the same move, one way or the other (docs/moving-from-mlflow.md). */
export function addMoveCommands(program: Command): void {
  const importing = findNoun(program, 'import')
    .command('mlflow')
    .description('Copies experiments, runs, models and artifacts from another MLflow server')
    .requiredOption('--from <uri>', 'address of the MLflow server');
  addMoveOptions(importing).action((flags: MoveFlags, command: Command) =>
    runMove(flags, command, (other, ours) => ({ source: other, target: ours })),
  );
  const exporting = findNoun(program, 'export')
    .command('mlflow')
    .description('Copies experiments, runs, models and artifacts to another MLflow server')
    .requiredOption('--to <uri>', 'address of the MLflow server');
  addMoveOptions(exporting).action((flags: MoveFlags, command: Command) =>
    runMove(flags, command, (other, ours) => ({ source: ours, target: other })),
  );
}

function addMoveOptions(command: Command): Command {
  return command
    .option('--server-token <token>', "the MLflow server's token; better: PERENNIAL_MLFLOW_TOKEN")
    .option('--server-username <name>', "the MLflow server's user; or PERENNIAL_MLFLOW_USERNAME")
    .option('--server-password <password>', 'its password; better: PERENNIAL_MLFLOW_PASSWORD')
    .option('--ca-file <file>', "certificates that the MLflow server's is signed with")
    .option('--experiments <name...>', 'only these experiments, and no models unless named')
    .option('--models <name...>', 'only these models and the experiments that they come from')
    .option('--no-artifacts', 'leave files where they are')
    .option('--concurrency <n>', 'runs, and transfers on either side, at a time', parseConcurrency, 8)
    .option('--journal <file>', 'where it keeps what is done, to go on when it was stopped')
    .option('--recheck', 'look again at what is marked as complete; nothing doubles')
    .option('--dry-run', 'count what would be copied, and copy nothing')
    .addHelpText('after', '\nExit 3 when the counts of both sides differ or something could not be copied.');
}

type Roles = (other: MlflowServer, ours: MlflowServer) => { source: MlflowServer; target: MlflowServer };

async function runMove(flags: MoveFlags, command: Command, assign: Roles): Promise<void> {
  const { connection, output } = makeCommandContext(command);
  const { concurrency, caFile } = flags;
  const other = findOtherServer(flags.from ?? flags.to ?? '', flags);
  const { apiUrl, token } = connection();
  if (caFile !== undefined) trustAuthority(caFile);
  const { source, target } = assign(
    new MlflowServer({ ...other, concurrency }),
    new MlflowServer({ uri: apiUrl, authorization: `Bearer ${token}`, concurrency }),
  );
  const options = {
    experiments: flags.experiments,
    models: flags.models,
    withArtifacts: flags.artifacts,
    concurrency,
    isRecheck: flags.recheck === true,
  };
  const show = chooseShow(output.json);
  if (flags.dryRun === true) {
    const tally = await surveyMove(source, options, show);
    output.result(output.json ? { from: source.uri, counts: tally.total } : describeSurvey(tally));
    return;
  }
  const journal = Journal.open(
    flags.journal ?? defaultJournal(source.uri, target.uri),
    source.uri,
    target.uri,
  );
  output.note(`Journal: ${journal.file}`);
  let report: MoveReport;
  try {
    report = await move({ source, target, journal, options, show });
  } finally {
    journal.close();
  }
  output.result(output.json ? report : describeReport(report));
  const { differences, problems } = report;
  if (differences.length + problems.length > 0) {
    throw new NegativeVerdict(
      `Not everything was copied: ${problems.length} problems, ${differences.length} differences.`,
    );
  }
}

/** One for each pair of servers, outside of the folder that somebody happens to be in. */
function defaultJournal(from: string, to: string): string {
  const state = process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state');
  const pair = createHash('sha256').update(`${from} ${to}`).digest('hex').slice(0, 12);
  return join(state, 'perennial', `move-${new URL(from).hostname}-${pair}.jsonl`);
}

function parseConcurrency(text: string): number {
  const width = Number(text);
  if (Number.isInteger(width) && width >= 1 && width <= 64) return width;
  throw new UsageError(`--concurrency takes a number from 1 to 64, not '${text}'.`);
}
