import * as z from 'zod';
import { inventorySchema } from '#src/inventory/schema.js';
import { reportSchema } from '#src/report/schema.js';
import { scenarioSchema } from '#src/scenario/schema.js';

/** The generated files by their path in the package. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['schemas/inventory.schema.json', textOf(inventorySchema)],
    ['schemas/scenario.schema.json', textOf(scenarioSchema)],
    ['schemas/report.schema.json', textOf(reportSchema)],
  ]);
}

function textOf(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }), null, 2)}\n`;
}
