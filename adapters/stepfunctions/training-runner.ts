import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { TrainingRunner } from '../../domain/training/ports.ts';

/** The machine `train-model`; an execution of it is called as the training execution that it runs. */
export function createTrainingRunner(stateMachineArn: string, client = new SFNClient({})): TrainingRunner {
  const executionArn = (id: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${id}`;
  return {
    start: async (call) => {
      const command = new StartExecutionCommand({
        stateMachineArn,
        name: call.executionId,
        input: JSON.stringify(call),
      });
      await client.send(command).catch((error: unknown) => {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      });
    },
    stop: async (id, reason) => {
      const command = new StopExecutionCommand({
        executionArn: executionArn(id),
        error: 'Stopped',
        cause: reason,
      });
      await client.send(command).catch((error: unknown) => {
        if (!(error instanceof ExecutionDoesNotExist)) throw error;
      });
    },
    describe: async (id) => {
      try {
        const { status, error } = await client.send(
          new DescribeExecutionCommand({ executionArn: executionArn(id) }),
        );
        return { running: status === 'RUNNING' || status === 'PENDING_REDRIVE', error: error ?? status };
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return undefined;
        throw error;
      }
    },
  };
}
