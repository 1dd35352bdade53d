import * as z from 'zod';
import { timestamp } from '../shared/contract.ts';

const WEEK_MS = 7 * 24 * 3600 * 1000;

export const freezeWindow = z
  .strictObject({
    from: timestamp,
    to: timestamp.meta({ description: 'Not included' }),
    reason: z.string().min(1).max(1000),
    repeat: z
      .enum(['never', 'weekly'])
      .default('never')
      .meta({ description: 'weekly: the same days and hours (UTC) of each week from the first on' }),
  })
  .refine(({ from, to }) => from < to, { message: 'must be after from', path: ['to'] })
  .refine(({ from, to, repeat }) => repeat === 'never' || Date.parse(to) - Date.parse(from) < WEEK_MS, {
    message: 'must be less than a week after from, or a weekly freeze never ends',
    path: ['to'],
  })
  .meta({ id: 'FreezeWindow' });

export const freezeCalendarInput = z.strictObject({ windows: z.array(freezeWindow).max(100) });

export const freezeCalendar = z
  .object({
    windows: z.array(freezeWindow),
    current: z
      .object({ from: timestamp, to: timestamp, reason: z.string() })
      .nullable()
      .meta({ description: 'The freeze that holds now; windows that overlap or meet are one' }),
    createdAt: timestamp.nullable().meta({ description: 'null until somebody sets the calendar' }),
    createdBy: z.string().nullable(),
    updatedAt: timestamp.nullable(),
    revision: z.number().int(),
  })
  .meta({ id: 'FreezeCalendar' });

export type FreezeWindow = z.output<typeof freezeWindow>;
export type FreezeCalendarInput = z.output<typeof freezeCalendarInput>;
