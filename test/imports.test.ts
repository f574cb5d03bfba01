import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

// Values flow one way: inventory + scenarios → plan → observe → judge → diagnose → report. This is the whole table of
// who may import whom; what is not listed is refused.
const directions: Readonly<Record<string, readonly string[]>> = {
  model: [],
  source: ['model'],
  // Both say who answers at a port, in the words of the dialogues' own settings.
  inventory: ['model', 'protocol', 'source'],
  scenario: ['model', 'packaged', 'protocol', 'source'],
  plan: ['model'],
  // Rules look at what the plan makes of ports and conditions, and at nothing that was seen.
  lint: ['model', 'plan'],
  // A program on a node, started over one exec: what sweep engines and the relay share.
  'remote-program': ['model', 'packaged'],
  // Where a transport has no channels, its dial is a program of ours.
  vantage: ['model', 'packaged', 'remote-program'],
  sweep: ['model', 'remote-program'],
  // Temporary listeners on a node, and the state of its ports.
  listen: ['model', 'remote-program'],
  protocol: ['model'],
  observe: ['model', 'sweep'],
  judge: ['model'],
  diagnose: ['model'],
  report: ['model'],
  // The firewall change request, of a plan or of a saved report.
  rules: ['model'],
  // Tells what was seen as the report words it, and which cell of the judging table it fell into.
  explain: ['model', 'judge', 'report'],
  terminal: ['model'],
  packaged: [],
  demo: ['model', 'packaged'],
  commands: [
    'model',
    'inventory',
    'scenario',
    'plan',
    'lint',
    'vantage',
    'sweep',
    'protocol',
    'observe',
    'listen',
    'judge',
    'diagnose',
    'report',
    'rules',
    'explain',
    'demo',
    'packaged',
    'source',
  ],
  cli: ['commands', 'model', 'packaged', 'terminal'],
};

const root = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => ({
    from: file,
    to: relative(root, join(root, dirname(file), specifier)).replace(/\.js$/, '.ts'),
  }));
}

const partOf = (file: string) => file.split(sep)[0]!.replace(/\.ts$/, '');
const imports = files.flatMap(importsOf);

test('every part of the program imports only what the one direction allows', (t) => {
  t.true(files.length > 20, 'the source was found');
  const wrong = imports.filter(({ from, to }) => {
    const part = partOf(from);
    return part !== partOf(to) && !directions[part]?.includes(partOf(to));
  });
  t.deepEqual(wrong, []);
});

test('no two files import each other, over any number of steps', (t) => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  t.deepEqual(cycles, []);
});

test('only cli.ts touches the process and the console', (t) => {
  // Asking what platform or which user this is has no effect on anything; a child is signalled by whoever started it.
  const harmless = /\bprocess\.(platform|getuid|pid|execPath|version|versions|arch|kill)\b/g;
  // A program of its own, which the demo, or ssh, starts as a child.
  const programs = ['cli.ts', join('demo', 'deaf-listener.ts'), join('vantage', 'openssh', 'askpass-program.ts')];
  const offenders = files.filter((file) => {
    if (programs.includes(file)) return false;
    const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    // A remote process, say, in a variable or a field of that name.
    const hasItsOwn = /(?:const|let|readonly|[(,#])\s*#?process\b/.test(code);
    return (
      /(?<![.#\w])console\./.test(code) || (!hasItsOwn && /(?<![.#\w])process\.[a-z]/i.test(code.replace(harmless, '')))
    );
  });
  t.deepEqual(offenders, []);
});
