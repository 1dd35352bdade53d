import { Listr, type ListrTask, PRESET_TIMER } from 'listr2';
import { type CloudDraft, type Step, startStages } from './steps.ts';

const rendererOptions = { timer: PRESET_TIMER };

/** Runs all steps of a start and shows each with its seconds; a terminal gets it live, a file line by line. */
export async function runStepsVisibly(draft: CloudDraft): Promise<void> {
  const tasks = startStages.map((stage) => toTask(stage, draft));
  const shared = { exitOnError: true, registerSignalListeners: false } as const;
  const list = process.stdout.isTTY
    ? new Listr(tasks, {
        ...shared,
        renderer: 'default',
        rendererOptions: { ...rendererOptions, collapseSubtasks: false },
      })
    : new Listr(tasks, { ...shared, renderer: 'simple', rendererOptions });
  await list.run();
}

function toTask(stage: readonly Step[], draft: CloudDraft): ListrTask {
  const [only, ...others] = stage.map((step) => toLeaf(step, draft));
  if (only !== undefined && others.length === 0) return only;
  return {
    title: stage.map((step) => step.title).join(' · '),
    task: (_, task) => task.newListr(only === undefined ? [] : [only, ...others], { concurrent: true }),
  };
}

function toLeaf(step: Step, draft: CloudDraft): ListrTask {
  return {
    title: step.title,
    task: async (_, task) => {
      const title = step.title;
      await step.run(draft, (text) => {
        task.title = `${title}: ${text}`;
      });
    },
  };
}
