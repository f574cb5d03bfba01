import { build } from 'esbuild';

// One file to load for each command: resolving and reading some 200 modules took longer than a run's own work.
await build({
  entryPoints: ['src/cli.ts'],
  outdir: 'dist',
  chunkNames: 'bundle/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Names are kept, so that a stack trace can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  // What ssh2 tries to load and does without: native code that is not compiled at installation.
  external: ['cpu-features', '*.node'],
  logLevel: 'warning',
  plugins: [
    {
      name: 'without-http-agents',
      setup({ onLoad }) {
        // ssh2 can carry HTTP, which nobody here asks of it; Node's http and https take longer to load than all of ssh2.
        onLoad({ filter: /ssh2.lib.http-agents\.js$/ }, () => ({ contents: 'module.exports = {};' }));
      },
    },
  ],
  // For packages written as CommonJS.
  banner: {
    js: [
      'import { createRequire } from "node:module";',
      'const require = createRequire(import.meta.url);',
      'const { filename: __filename, dirname: __dirname } = import.meta;',
    ].join(' '),
  },
});
