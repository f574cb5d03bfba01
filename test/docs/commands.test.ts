import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { sampleReport } from '../report/sample.js';

// Every command line that the documentation shows is run, in a folder that looks like a small site of one machine.
const root = fileURLToPath(new URL('../../', import.meta.url));
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`)];

const site = {
  hosts: {
    'exa-n11': { address: '127.0.0.11', transport: 'local', roles: ['exasol-node', 'exasol-client'] },
    'exa-n12': { address: '127.0.0.12', transport: 'local', roles: ['exasol-node'] },
  },
  scenarios: { exasol: {} },
};

function commandsOf(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]!.replace(/\\\n\s*/g, ' '));
  return blocks
    .flatMap((block) => block.split('\n'))
    .filter((line) => /^(npx )?portolan /.test(line))
    .map((line) => line.replace(/\s+#.*$/, ''));
}

const run = promisify(execFile);

for (const document of documents) {
  for (const command of new Set(commandsOf(document))) {
    test(`${document}: ${command}`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'portolan-docs-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      writeFileSync(join(folder, 'inventory.json'), JSON.stringify(site));
      writeFileSync(join(folder, 'report.json'), JSON.stringify(sampleReport));
      for (const file of ['inventory.example.json', 'schemas'])
        cpSync(join(root, file), join(folder, file), { recursive: true });
      const cli = join(root, 'dist', 'cli.js');
      const line = command.replace(/^(npx )?portolan /, '"$NODE" "$CLI" ');
      const environment = { ...process.env, NODE: process.execPath, CLI: cli };
      const code = await run('sh', ['-c', line], { cwd: folder, env: environment, timeout: 60_000 }).then(
        () => 0,
        (error: { code: number; stderr: string }) => {
          t.log(error.stderr);
          return error.code;
        },
      );
      // Nothing listens on this site: a check may well fail. What may not happen is a refusal or a crash.
      t.true([0, 1, 3].includes(code), `exit code ${code}`);
    });
  }
}
