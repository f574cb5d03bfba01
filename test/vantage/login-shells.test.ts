import { join } from 'node:path';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { context, host, output, ssh2For, vantageFor } from './fixtures.js';

labTest(
  'sh -s runs a script from stdin whatever the login shell is, and what its profile says is delivered',
  async (t) => {
    const lab = await createLab({
      hosts: {
        csh: { shell: '/usr/bin/tcsh' },
        fish: { shell: '/usr/bin/fish' },
        noisy: { shell: '/bin/bash', home: { '.bashrc': 'echo noise\n' }, motd: 'welcome\n' },
      },
    });
    t.teardown(() => lab.close());
    writeInventory(lab, { roles: {} });
    const transport = ssh2For(t, context());
    const said = async (name: string) => {
      const ssh = {
        user: 'ops',
        identityFile: [lab.clientKey.file],
        knownHostsFile: [join(lab.folder, 'known_hosts')],
      };
      const vantage = await vantageFor(t, transport, host(name, lab.host(name).managementAddress, ssh));
      return output(vantage, 'sh -s', 'x=!1; if [ "$x" ]; then\n  echo "$x" 2>&1\nfi\n');
    };
    t.is(await said('csh'), '!1\n');
    t.is(await said('fish'), '!1\n');
    t.is(await said('noisy'), 'noise\n!1\n');
  },
);
