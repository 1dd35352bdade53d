import type { Command } from 'commander';
import { addDatasetCommands } from './dataset.ts';
import { addEndpointCommands } from './endpoint.ts';
import { addInstallationCommands } from './installation.ts';
import { addLoginCommand } from './login.ts';
import { addModelCommands } from './model.ts';
import { addMoveCommands } from './move.ts';
import { addOfflineCommands } from './offline.ts';
import { addRolloutCommands } from './rollout.ts';
import { addTenantCommands } from './tenant.ts';

/** The commands that do more than one call; the rest come from the declarations. */
export function addCustomCommands(program: Command): void {
  addModelCommands(program);
  addDatasetCommands(program);
  addEndpointCommands(program);
  addRolloutCommands(program);
  addOfflineCommands(program);
  addTenantCommands(program);
  addLoginCommand(program);
  addInstallationCommands(program);
  addMoveCommands(program);
}
