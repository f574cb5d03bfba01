import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { packagedPath } from '#src/packaged.js';
import { schemaFiles } from './schema-files.js';

// `npm run schemas`: writes the JSON Schemas that editors read, from the code that validates.
for (const [file, text] of schemaFiles()) {
  const path = packagedPath(file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
