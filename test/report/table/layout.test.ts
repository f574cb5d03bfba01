import test from 'ava';
import { cell, layoutRows } from '#src/report/table/layout.js';

const canvas = (width: number) => ({ width, paint: (text: string) => text });

test('a column of lists gives way before names are broken', (t) => {
  const row = [cell('oceanbase-ocp/agent-metrics'), cell('62881-62887, 62889-62999, 63001-63881'), cell('0.1 ms')];
  t.deepEqual(layoutRows([row], 2, canvas(60)), [
    '  oceanbase-ocp/agent-metrics  62881-62887,           0.1 ms',
    '                               62889-62999,',
    '                               63001-63881',
  ]);
});
