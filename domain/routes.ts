import { accessRoutes } from './access/contract.ts';
import { datasetRoutes } from './datasets/contract.ts';
import { deploymentRoutes } from './deployment/contract.ts';
import { governanceRoutes } from './governance/contract.ts';
import { monitoringRoutes } from './monitoring/contract.ts';
import { registryRoutes } from './registry/contract.ts';
import { retrainingRoutes } from './retraining/contract.ts';
import type { RouteTable } from './shared/route.ts';
import { artifactRoutes } from './tracking/artifact-contract.ts';
import { trackingRoutes } from './tracking/contract.ts';
import { webUiRoutes } from './tracking/web-ui-contract.ts';
import { trainingRoutes } from './training/contract.ts';

/** Every declared route by capability: what API description, SDK, CLI and authorisation test are made from. */
export const ROUTES = {
  access: accessRoutes,
  governance: governanceRoutes,
  tracking: { ...trackingRoutes, ...artifactRoutes, ...webUiRoutes },
  registry: registryRoutes,
  datasets: datasetRoutes,
  training: trainingRoutes,
  deployment: deploymentRoutes,
  monitoring: monitoringRoutes,
  retraining: retrainingRoutes,
} as const satisfies Record<string, RouteTable>;
