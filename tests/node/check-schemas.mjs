// Checks files of the catalog and JSON reports against the schemas that are shipped (../../schemas), with ajv in strict mode: what an editor
// tells the author of a file. LIST is a JSON array of {"schema": "check", "name": ..., "text": ...}.
// usage: node check-schemas.mjs NODE_MODULES SCHEMAS LIST     prints a line for each fault, then the number of files checked
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [modules, folder, list] = process.argv.slice(2);
const load = createRequire(resolve(modules, 'x'));
const Ajv = load('ajv').default;
const { parseDocument } = load('yaml');
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
load('ajv-formats').default(ajv);

const schemas = new Map();
for (const file of readdirSync(folder).filter(file => file.endsWith('.json')))
  schemas.set(file.split('.')[0], ajv.compile(JSON.parse(readFileSync(join(folder, file), 'utf8'))));

let faults = 0, checked = 0;
for (const { schema, name, text } of JSON.parse(readFileSync(list, 'utf8'))) {
  checked++;
  const document = schema === 'report' ? null : parseDocument(text);
  const problems = document?.errors.map(error => error.message.split('\n')[0]) ?? [];
  const validate = schemas.get(schema);
  if (problems.length === 0 && !validate(document ? document.toJS() : JSON.parse(text)))
    problems.push(...validate.errors.slice(0, 5).map(error => `${error.instancePath || '/'} ${error.message}${error.params.additionalProperty ? ` '${error.params.additionalProperty}'` : ''}`));
  for (const problem of problems) { faults++; console.log(`${name}: ${problem}`); }
}
console.log(`${checked} files checked, ${faults} faults`);
process.exit(faults ? 1 : 0);
