import { defineRoute } from '../shared/define-route.ts';
import { freezeCalendar, freezeCalendarInput } from './freeze-shapes.ts';

export * from './freeze-shapes.ts';

const FREEZE_CALENDAR = '/api/v1/freeze-calendar';

export const freezeRoutes = {
  getFreezeCalendar: defineRoute('getFreezeCalendar', {
    method: 'GET',
    path: FREEZE_CALENDAR,
    role: 'viewer',
    summary: 'Shows when no rollout moves, and the freeze that holds now',
    response: freezeCalendar,
  }),
  putFreezeCalendar: defineRoute('putFreezeCalendar', {
    method: 'PUT',
    path: FREEZE_CALENDAR,
    role: 'admin',
    summary: 'Sets the windows in which no rollout starts, takes a step or is promoted',
    body: freezeCalendarInput,
    response: freezeCalendar,
  }),
} as const;
