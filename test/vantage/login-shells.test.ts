import { join } from 'node:path';
import { writeInventory } from '../lab/inventory.js';
import { createLab } from '../lab/lab.js';
import { labTest } from '../lab/lab-test.js';
import { context, host, opensshFor, output, ssh2For, vantageFor } from './fixtures.js';

// The transports that meet a login shell: `local` starts /bin/sh, and a command names its own.
for (const [name, transportFor] of Object.entries({ ssh2: ssh2For, openssh: opensshFor }))
  labTest(
    `${name}: a script from stdin runs whatever the login shell is, and what a profile says is delivered`,
    async (t) => {
      const lab = await createLab({
        hosts: {
          csh: { shell: '/usr/bin/tcsh' },
          fish: { shell: '/usr/bin/fish' },
          restricted: { shell: '/bin/rbash' },
          noisy: { shell: '/bin/bash', home: { '.bashrc': 'echo noise\necho more >&2\n' }, motd: 'welcome\n' },
          forced: { sshd: ['ForceCommand echo forced'] },
        },
      });
      t.teardown(() => lab.close());
      writeInventory(lab, { roles: {} });
      const transport = transportFor(t, context());
      const said = async (to: string) => {
        const ssh = {
          user: 'ops',
          identityFile: [lab.clientKey.file],
          knownHostsFile: [join(lab.folder, 'known_hosts')],
        };
        const vantage = await vantageFor(t, transport, host(to, lab.host(to).managementAddress, ssh));
        return output(vantage, 'sh -s', 'x=!1; if [ "$x" ]; then\n  echo "$x" 2>&1\nfi\n');
      };
      const names = lab.hosts.map(({ name: one }) => one);
      const all = Object.fromEntries(await Promise.all(names.map(async (one) => [one, await said(one)])));
      t.deepEqual(all, { csh: '!1\n', fish: '!1\n', restricted: '!1\n', noisy: 'noise\n!1\n', forced: 'forced\n' });
    },
  );
