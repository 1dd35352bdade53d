import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertPortFree, parseListeningSockets, parseLsof, readPort } from '../../../local/ports.ts';

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20
   2: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100`;

describe('parseListeningSockets', () => {
  it('finds the socket that listens, not one that is connected', () => {
    expect(parseListeningSockets(table, 8080)).toEqual(['4711']);
  });
});

describe('parseLsof', () => {
  it('reads process and command', () => {
    expect(parseLsof('p321\ncnode\nf20\n')).toEqual({ pid: 321, command: 'node' });
  });
});

describe('readPort', () => {
  it('takes the default for an absent or empty variable', () => {
    expect([readPort('P', 8080, {}), readPort('P', 8080, { P: '' })]).toEqual([8080, 8080]);
  });

  it.each(['0', '65536', 'http', '80.5'])('refuses %s and names the variable', (value) => {
    expect(() => readPort('P', 8080, { P: value })).toThrow(`P is '${value}'`);
  });
});

describe('assertPortFree', () => {
  it('names port, owner and variable of a taken port', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };

    const refusal = assertPortFree({ port, variable: 'PERENNIAL_PORT', purpose: 'front door' });

    const owner = process.platform === 'linux' ? `process ${process.pid}` : 'process';
    await expect(refusal).rejects.toThrow(new RegExp(`Port ${port}, .*${owner}.*PERENNIAL_PORT`));
    server.close();
  });
});
