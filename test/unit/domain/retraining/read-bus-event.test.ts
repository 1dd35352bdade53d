import { describe, expect, it } from 'vitest';
import { readBusEvent } from '../../../../domain/retraining/read-bus-event.ts';

const base = { id: 'e1', time: '2026-03-01T12:00:00Z' };
const detail = {
  tenant: 'acme',
  eventId: 'evt_1',
  occurredAt: '2026-03-01T12:00:00.000Z',
  data: { endpoint: 'flights', verdict: 'SEVERE' },
};

describe('readBusEvent', () => {
  it.each([
    ['DriftDetected', 'drift'],
    ['PerformanceDegraded', 'performance'],
  ])('reads %s of monitoring', (type, kind) => {
    const cause = readBusEvent({ ...base, source: 'perennial.monitoring', 'detail-type': type, detail });

    expect(cause).toMatchObject({ tenant: 'acme', endpoint: 'flights', trigger: { kind, eventId: 'evt_1' } });
  });

  it('takes a request’s tenant from its source alone', () => {
    const request = {
      ...base,
      source: 'perennial.tenant.acme',
      'detail-type': 'RetrainingRequested',
      detail: { policy: 'renew' },
    };

    expect(readBusEvent(request)).toMatchObject({
      tenant: 'acme',
      policy: 'renew',
      trigger: { kind: 'request', eventId: 'e1' },
    });
  });

  it.each([
    [
      'a request that names another tenant',
      {
        source: 'perennial.tenant.acme',
        'detail-type': 'RetrainingRequested',
        detail: { policy: 'p', tenant: 'globex' },
      },
    ],
    [
      'a request from a source of its own making',
      { source: 'perennial.monitoring', 'detail-type': 'RetrainingRequested', detail: { policy: 'p' } },
    ],
    [
      'a request without a policy',
      { source: 'perennial.tenant.acme', 'detail-type': 'RetrainingRequested', detail: {} },
    ],
    [
      'drift without an endpoint',
      { source: 'perennial.monitoring', 'detail-type': 'DriftDetected', detail: { ...detail, data: {} } },
    ],
    ['another event', { source: 'perennial.monitoring', 'detail-type': 'QualityViolated', detail }],
    ['drift from somebody else', { source: 'perennial.tenant.acme', 'detail-type': 'DriftDetected', detail }],
  ])('makes nothing of %s', (_case, event) => {
    expect(readBusEvent({ ...base, ...event })).toBeUndefined();
  });
});
