import test from 'ava';
import { readPackaged } from '#src/packaged.js';
import { schemaFiles } from './schema-files.js';

for (const [file, text] of schemaFiles()) {
  test(`${file} is what the code that validates generates`, (t) => {
    t.is(readPackaged(file), text, 'run: npm run schemas');
  });
}
