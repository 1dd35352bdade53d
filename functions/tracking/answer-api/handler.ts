import { createApi } from '../../../adapters/lambda/api.ts';
import { trackingRoutes } from '../../../domain/tracking/contract.ts';
import { store, throttle } from './dependencies.ts';
import { experimentHandlers } from './experiments.ts';
import { loggedModelHandlers } from './logged-models.ts';
import { metricHandlers } from './metrics.ts';
import { permissionHandlers } from './permissions.ts';
import { runHandlers } from './runs.ts';

export const handler = createApi(
  trackingRoutes,
  { ...experimentHandlers, ...runHandlers, ...metricHandlers, ...permissionHandlers, ...loggedModelHandlers },
  { idempotency: { store }, throttle },
);
